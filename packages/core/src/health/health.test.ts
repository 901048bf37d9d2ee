import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cooldown } from './cooldown.ts';
import {
  type Availability,
  availabilityAt,
  beginAt,
  endAttempt,
  failedAtMs,
  type Health,
  READY,
  cooldownEndsAtMs,
  coolDown,
  isUnproven,
  succeedAt,
} from './health.ts';

const throttle = (durationMs: number): Cooldown => ({
  reason: 'throttled',
  scope: 'deployment',
  durationMs,
  isCertain: true,
});
const failure = (durationMs: number): Cooldown => ({
  reason: 'failing',
  scope: 'deployment',
  durationMs,
  isCertain: true,
});
const recovering = (width: number, pending = 0, sinceMs = 0): Health => ({
  kind: 'recovering',
  sinceMs,
  width,
  pending,
  isUnproven: false,
});
const FULL = Number.POSITIVE_INFINITY;
const NEVER = Number.NEGATIVE_INFINITY;

/** How many attempts a health lets out at one moment. */
const widthAt = (health: Health, nowMs: number) => {
  let out = 0;
  for (let next = health; out < 1000 && availabilityAt(next, nowMs) === 'available'; out++)
    next = beginAt(next, nowMs);
  return out === 1000 ? FULL : out;
};

describe('how a health stands', () => {
  const throttled = coolDown(READY, throttle(100), 0);
  const failing = coolDown(READY, failure(100), 0);
  const failingLonger = coolDown(coolDown(READY, throttle(50), 0), failure(100), 0);
  const throttledLonger = coolDown(coolDown(READY, throttle(100), 0), failure(50), 0);

  test.each<[string, Health, number, Availability]>([
    ['ready', READY, 0, 'available'],
    ['throttled, at once', throttled, 0, 'throttled'],
    ['throttled, to the last moment', throttled, 99.9, 'throttled'],
    ['no longer throttled when the rest ends', throttled, 100, 'available'],
    ['no longer throttled, however long nobody asks', throttled, 1e9, 'available'],
    ['no longer throttled, but its probe is out', beginAt(throttled, 100), 100, 'probing'],
    ['failing, at once', failing, 0, 'cooling'],
    ['failing, to the last moment', failing, 99.9, 'cooling'],
    ['no longer failing when the rest ends', failing, 100, 'available'],
    ['no longer failing, but its probe is out', beginAt(failing, 100), 100, 'probing'],
    ['throttled before failing', failingLonger, 49, 'throttled'],
    ['failing after the throttling', failingLonger, 50, 'cooling'],
    ['neither of both any more', failingLonger, 100, 'available'],
    ['throttled although no longer failing', throttledLonger, 50, 'throttled'],
    ['recovering, a slot left', recovering(4, 3), 0, 'available'],
    ['recovering, no slot left', recovering(4, 4), 0, 'probing'],
    ['recovering, more out than slots', recovering(4, 9), 0, 'probing'],
    ['recovering, no slot left to the end of the second', recovering(1, 1), 999.9, 'probing'],
    ['recovering, a slot more after a second', recovering(1, 1), 1000, 'available'],
    ['recovering, that slot taken too', recovering(1, 2), 1000, 'probing'],
    ['recovering for so long that no number tells its width', recovering(1, 1e6), 1e9, 'available'],
  ])('how a health stands: %s', (_, health, nowMs, expected) => {
    expect(availabilityAt(health, nowMs)).toBe(expected);
  });
});

describe('a cooldown', () => {
  test.each<[string, Health, Cooldown, number, number]>([
    ['begins from ready', READY, throttle(100), 10, 110],
    ['begins anew from recovering', recovering(8, 3), failure(100), 10, 110],
    ['is extended by a later, longer one', coolDown(READY, throttle(100), 0), throttle(100), 50, 150],
    ['is not shortened by a shorter one', coolDown(READY, throttle(100), 0), throttle(10), 50, 100],
    ['is not shortened by one for another reason', coolDown(READY, throttle(100), 0), failure(10), 50, 100],
    ['is extended by one for another reason', coolDown(READY, failure(10), 0), throttle(100), 5, 105],
    ['begins anew after it has ended', coolDown(READY, throttle(10), 0), throttle(10), 50, 60],
  ])('a cooldown %s', (_, before, cooldown, nowMs, expected) => {
    expect(cooldownEndsAtMs(coolDown(before, cooldown, nowMs), nowMs)).toBe(expected);
  });

  const both = coolDown(coolDown(READY, throttle(50), 0), failure(100), 20);

  test.each<[string, Health, number, number]>([
    ['of ready', READY, 0, NEVER],
    ['of a recovery', recovering(1, 1), 0, NEVER],
    ['for spent quota', coolDown(READY, throttle(100), 0), 99.9, 100],
    ['for spent quota, once over', coolDown(READY, throttle(100), 0), 100, NEVER],
    ['for failures', coolDown(READY, failure(100), 0), 99.9, 100],
    ['for failures, once over', coolDown(READY, failure(100), 0), 100, NEVER],
    // When the quota is back, a backend that merely fails may be tried, so that end matters first.
    ['for both, of which throttling ends first', both, 49, 50],
    ['for both, of which failing is left', both, 50, 120],
    ['for both, once over', both, 120, NEVER],
  ])('a cooldown %s: when the present one ends', (_, health, nowMs, expected) => {
    expect(cooldownEndsAtMs(health, nowMs)).toBe(expected);
  });

  test.each<[string, Health, number, number]>([
    ['ready', READY, 0, NEVER],
    ['recovering', recovering(1), 0, NEVER],
    ['throttled', coolDown(READY, throttle(100), 5), 6, NEVER],
    ['cooling', coolDown(READY, failure(100), 5), 6, 5],
    ['failing again', coolDown(coolDown(READY, failure(100), 5), failure(10), 8), 9, 8],
    ['no longer failing', coolDown(READY, failure(100), 5), 105, NEVER],
    ['throttled and failing', both, 30, 20],
    [
      'throttled and no longer failing',
      coolDown(coolDown(READY, throttle(100), 0), failure(10), 5),
      15,
      NEVER,
    ],
  ])('a cooldown %s: when its failure was', (_, health, nowMs, expected) => {
    expect(failedAtMs(health, nowMs)).toBe(expected);
  });

  const after = fc.record({
    cooldown: fc.record({
      reason: fc.constantFrom('throttled' as const, 'failing' as const),
      scope: fc.constant('deployment' as const),
      durationMs: fc.nat(1000),
      isCertain: fc.constant(true),
    }),
    elapsedMs: fc.nat(300),
  });

  /** When a health is available again if nothing more happens to it. */
  const availableFromMs = (health: Health, nowMs: number): number => {
    const endsAtMs = cooldownEndsAtMs(health, nowMs);
    return endsAtMs === NEVER ? nowMs : availableFromMs(health, endsAtMs);
  };

  test('a cooldown is never shortened, whatever cools down when', () => {
    fc.assert(
      fc.property(fc.array(after, { maxLength: 30 }), (some) => {
        let health = READY;
        let nowMs = 0;
        for (const { cooldown, elapsedMs } of some) {
          nowMs += elapsedMs;
          const before = health;
          health = coolDown(before, cooldown, nowMs);
          const fromMs = availableFromMs(health, nowMs);
          expect(fromMs).toBe(Math.max(availableFromMs(before, nowMs), nowMs + cooldown.durationMs));
          expect(availabilityAt(health, fromMs)).toBe('available');
          const justBeforeMs = Math.max(nowMs, fromMs - 0.5);
          expect(availabilityAt(health, justBeforeMs) === 'available').toBe(fromMs === nowMs);
        }
      }),
    );
  });

  test('a cooldown has an end and a failure exactly while it is under way', () => {
    fc.assert(
      fc.property(fc.array(after, { minLength: 1, maxLength: 10 }), fc.nat(2000), (some, laterMs) => {
        let health = READY;
        let nowMs = 0;
        for (const { cooldown, elapsedMs } of some) health = coolDown(health, cooldown, (nowMs += elapsedMs));
        nowMs += laterMs;
        const availability = availabilityAt(health, nowMs);
        expect(cooldownEndsAtMs(health, nowMs) > nowMs).toBe(availability !== 'available');
        const isFailing = failedAtMs(health, nowMs) !== NEVER;
        // A failure may hide behind throttling, or not.
        expect(isFailing || availability === 'throttled').toBe(availability !== 'available');
      }),
    );
  });
});

test('what may have cost an answer is unproven for as long, whatever else fails meanwhile', () => {
  const costly = coolDown(READY, { ...failure(100), isCostly: true }, 0);
  const health = coolDown(costly, failure(100), 10);
  expect([199, 200].map((nowMs) => isUnproven(health, nowMs))).toEqual([true, false]);
});

test('what is throttled stays so for as long, whatever fails meanwhile', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(150)), { maxLength: 10 }), (failures) => {
      let health = coolDown(READY, throttle(1000), 0);
      let nowMs = 0;
      for (const [durationMs, elapsedMs] of failures) {
        nowMs += elapsedMs;
        health = coolDown(health, failure(durationMs), nowMs);
      }
      // A failure must not make a backend without quota look as if it could be tried anyway.
      expect(availabilityAt(health, 999)).toBe('throttled');
    }),
  );
});

describe('the attempt that begins', () => {
  const cooling = coolDown(READY, throttle(100), 0);
  const failing = coolDown(READY, failure(100), 0);

  test.each<[string, Health, number, Health]>([
    ['when ready changes nothing', READY, 5, READY],
    ['during a cooldown for spent quota is not its probe', cooling, 99, cooling],
    ['during a cooldown for failures is not its probe', failing, 99, failing],
    ['at the end of a cooldown is the probe', cooling, 100, recovering(1, 1, 100)],
    ['long after a cooldown is the probe', failing, 5000, recovering(1, 1, 5000)],
    ['after the probe is pending too', recovering(1, 1, 100), 200, recovering(1, 2, 100)],
    ['just before the ramp is at full width is pending too', recovering(1, 1), 4999, recovering(1, 2)],
    ['when the ramp is at full width ends it', recovering(1, 1), 5000, READY],
    ['when successes and time make the ramp full ends it', recovering(8, 8), 2000, READY],
  ])('the attempt that begins %s', (_, health, nowMs, expected) => {
    expect(beginAt(health, nowMs)).toEqual(expected);
  });
});

describe('the attempt that ends', () => {
  const cooling = coolDown(READY, throttle(100), 0);

  test.each<[string, Health, number, Health]>([
    ['when ready changes nothing', READY, 0, READY],
    ['during a cooldown changes nothing', cooling, 0, cooling],
    ['gives its slot back if it is the probe', recovering(1, 1, 100), 100, recovering(1, 0, 100)],
    ['gives its slot back if it began after the probe', recovering(2, 2, 100), 150, recovering(2, 1, 100)],
    ['has no slot to give back if it began before', recovering(1, 1, 100), 99, recovering(1, 1, 100)],
  ])('the attempt that ends %s', (_, health, startedMs, expected) => {
    expect(endAttempt(health, startedMs)).toEqual(expected);
  });
});

describe('a success', () => {
  const throttled = coolDown(READY, throttle(100), 10);
  const failing = coolDown(READY, failure(100), 10);
  const both = coolDown(coolDown(READY, throttle(100), 10), failure(500), 10);
  const probed = beginAt(failing, 110);

  test.each<[string, Health, number, number, Availability, number]>([
    ['leaves ready as it is', READY, 0, 1, 'available', FULL],
    ['proves nothing about quota spent since', throttled, 0, 20, 'throttled', 0],
    ['proves nothing about quota spent before, until the rest ends', throttled, 15, 20, 'throttled', 0],
    ['proves nothing about a failure that came later', failing, 5, 20, 'cooling', 0],
    ['ends a cooldown for a failure that came before', failing, 15, 20, 'available', FULL],
    ['of the very moment of a failure ends its cooldown', failing, 10, 20, 'available', FULL],
    ['ends the failing, not the throttling', both, 15, 20, 'throttled', 0],
    ['ends the failing after the throttling', both, 15, 150, 'available', FULL],
    [
      'of before a cooldown for failures that is over leaves the probe to come',
      failing,
      5,
      120,
      'available',
      1,
    ],
    [
      'of within a cooldown for failures that is over leaves the probe to come',
      failing,
      15,
      120,
      'available',
      1,
    ],
    [
      'of before a cooldown for quota that is over leaves the probe to come',
      throttled,
      5,
      120,
      'available',
      1,
    ],
    ['of before the probe leaves the next to wait for it', probed, 109, 120, 'probing', 0],
    ['of the probe lets two follow', endAttempt(probed, 110), 110, 120, 'available', 2],
    ['of the probe, a second later, lets four follow', endAttempt(probed, 110), 110, 1110, 'available', 4],
  ])('a success %s', (_, health, startedMs, nowMs, availability, width) => {
    const after = succeedAt(health, startedMs, nowMs);
    expect(availabilityAt(after, nowMs)).toBe(availability);
    expect(widthAt(after, nowMs)).toBe(width);
  });

  test('a success keeps the throttling of a health that forgets its failing', () => {
    const after = succeedAt(both, 15, 20);
    expect(cooldownEndsAtMs(after, 20)).toBe(110);
    expect(failedAtMs(after, 20)).toBe(NEVER);
    expect(availabilityAt(after, 110)).toBe('available');
  });

  test('a success never makes a health worse', () => {
    const ORDER: Availability[] = ['available', 'probing', 'cooling', 'throttled'];
    const health = fc.oneof(
      fc.constant(READY),
      fc
        .tuple(fc.constantFrom(1, 2, 4, 8, 16), fc.nat(40), fc.nat(200))
        .map(([width, pending, sinceMs]) => recovering(width, pending, sinceMs)),
      fc
        .tuple(fc.nat(100), fc.nat(100), fc.nat(100))
        .map(([throttleMs, failureMs, atMs]) =>
          coolDown(coolDown(READY, throttle(throttleMs), 0), failure(failureMs), atMs),
        ),
    );
    fc.assert(
      fc.property(health, fc.nat(200), fc.nat(200), (before, startedMs, tookMs) => {
        const nowMs = startedMs + tookMs;
        const after = succeedAt(before, startedMs, nowMs);
        const rank = ORDER.indexOf(availabilityAt(before, nowMs));
        expect(ORDER.indexOf(availabilityAt(after, nowMs))).toBeLessThanOrEqual(rank);
        expect(widthAt(after, nowMs)).toBeGreaterThanOrEqual(widthAt(before, nowMs));
      }),
    );
  });
});

describe('the width of a recovery', () => {
  const cooling = coolDown(READY, failure(100), 10);

  test('the width of a recovery doubles with each success until it is full', () => {
    const widths: number[] = [];
    let health = beginAt(cooling, 110);
    while (health.kind === 'recovering') {
      widths.push(health.width);
      health = succeedAt(health, 110, 120);
    }
    expect(widths).toEqual([1, 2, 4, 8, 16]);
    expect(health).toBe(READY);
  });

  test.each([
    [110, 1],
    [1109, 1],
    [1110, 2],
    [2110, 4],
    [3110, 8],
    [4110, 16],
    [5109, 16],
    [5110, FULL],
    [1e9, FULL],
  ])(
    'the width of a recovery at %d ms, of a probe sent at 110 ms, is %d without any success',
    (nowMs, width) => {
      expect(widthAt(endAttempt(beginAt(cooling, 110), 110), nowMs)).toBe(width);
    },
  );

  test('the width of a recovery counts successes and seconds alike, in whichever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 4 }), (isSecond) => {
        let health = endAttempt(beginAt(cooling, 110), 110);
        let nowMs = 110;
        for (const each of isSecond) {
          if (each) nowMs += 1000;
          else health = succeedAt(health, 110, nowMs);
        }
        expect(widthAt(health, nowMs)).toBe(2 ** isSecond.length);
      }),
    );
  });

  test('the width of a recovery is not widened by successes from before the probe, however many', () => {
    let health = beginAt(cooling, 110);
    for (let success = 0; success < 100; success++) health = succeedAt(health, 109.9, 120);
    expect(widthAt(endAttempt(health, 110), 120)).toBe(1);
  });
});

test('whatever ends when, only attempts since the probe take a slot of the recovery', () => {
  const step = fc.record({
    does: fc.constantFrom('begin', 'succeed', 'abort', 'throttle', 'fail'),
    which: fc.nat(20),
    elapsedMs: fc.nat(120),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let health = READY;
      let nowMs = 0;
      let open: number[] = [];
      /** The effect of each probe on the health, and the expected one. */
      const probed: [Health, Health][] = [];
      for (const { does, which, elapsedMs } of steps) {
        nowMs += elapsedMs;
        const index = which % Math.max(1, open.length);
        const startedMs = open[index];
        if (does === 'begin') {
          const isProbe = health.kind === 'in-cooldown' && availabilityAt(health, nowMs) === 'available';
          health = beginAt(health, nowMs);
          if (isProbe) probed.push([health, recovering(1, 1, nowMs)]);
          open.push(nowMs);
        } else if (startedMs !== undefined) {
          open = open.toSpliced(index, 1);
          health = endAttempt(health, startedMs);
          if (does === 'succeed') health = succeedAt(health, startedMs, nowMs);
          if (does === 'throttle') health = coolDown(health, throttle(100), nowMs);
          if (does === 'fail') health = coolDown(health, failure(100), nowMs);
        }
        if (health.kind !== 'recovering') continue;
        const { sinceMs, pending } = health;
        expect(pending).toBe(open.filter((eachMs) => eachMs >= sinceMs).length);
      }
      expect(probed.map(([actual]) => actual)).toEqual(probed.map(([, expected]) => expected));
    }),
    { numRuns: 500 },
  );
});
