import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../testing/make-random.ts';
import { FailureRecord } from './failure-record.ts';
import { isOutlier } from './outlier.ts';

const BOUNDS = { share: 0.3, consecutiveFailures: 3 };

/** Returns a record of these attempts at 0 ms: `+` succeeds, `-` fails, `!` fails and cools down for ten seconds. */
function recordOf(attempts: string): FailureRecord {
  const record = new FailureRecord();
  for (const attempt of attempts) {
    if (attempt === '+') record.succeed(0, 0);
    else record.fail(0);
    if (attempt === '!') record.coolDown(0, 10_000, 300_000, 0);
  }
  return record;
}

const well = '+'.repeat(50);
/** Half of its attempts fail, and neither the first nor the last. */
const halfWell = `+${'-+'.repeat(50)}`;

test.each<[string, string, string[], boolean]>([
  ['of a backend of which nothing else is known', '-', [well], true],
  ['of a backend of which nothing else is known, nor of the others', '-', ['', ''], true],
  ['of a backend of which nothing else is known, while another fails', '-', ['+-', well], false],
  ['of a backend of which nothing else is known, while another cools down', '-', ['!', ''], false],
  ['of a backend that is alone', '-', [], false],
  ['of a backend that is alone, and the hundredth in a row', '-'.repeat(100), [], false],
  ['of the last in rotation', `${well}---`, ['!', '!'], false],
  ['of a backend that has served before', '+-', [well], false],
  ['of a backend that has served before, the second in a row', `${well}--`, [well], false],
  ['of a backend that has served before, the third in a row', `${well}---`, [well], true],
  ['the third in a row, where the others were never asked', `${well}---`, ['', ''], true],
  ['the third in a row, where one that was never asked is the only other', `${well}---`, ['', '!'], true],
  ['the third in a row, while the others fail as well', `${well}---`, [`${well}-`, `${well}--`], false],
  ['the third in a row, while only some of the others fail', `${well}---`, [`${well}-`, well], true],
  ['the third in a row, of what fails a tenth anyway', `${'-+++++++++'.repeat(10)}---`, [well], false],
  [
    'the ninth in a row, of what fails a tenth anyway',
    `${'-+++++++++'.repeat(10)}${'-'.repeat(9)}`,
    [well],
    true,
  ],
  ['the third in a row, where the only other has just failed', `${well}---`, [`${well}-+`], false],
  ['the third in a row, where half fails everywhere', `${halfWell}---`, [halfWell, halfWell], false],
  ['the twentieth in a row, where half fails everywhere', `${halfWell}${'-'.repeat(20)}`, [halfWell], false],
  ['of half that fails where nothing else does', `${halfWell}-`, [well], true],
  ['of half that fails where half does', `${halfWell}-`, [halfWell, halfWell], false],
  ['of half that fails where all of the others fails', `${halfWell}-`, ['-'.repeat(50)], false],
  ['of a quarter that fails where nothing else does', `${'-+++'.repeat(20)}-`, [well], false],
  ['of half that fails where nothing was asked of the others', `${halfWell}-`, [''], true],
])('a failure that was just recorded %s', (_, own, peers, expected) => {
  expect(isOutlier(recordOf(own), peers.map(recordOf), BOUNDS, 0, 0)).toBe(expected);
});

test('a failure that was just recorded of an attempt during a cooldown prolongs it, whatever the others do', () => {
  const record = recordOf(`${well}!-`);
  expect(isOutlier(record, [recordOf('-')], BOUNDS, 9999, 9999)).toBe(true);
  expect(isOutlier(record, [], BOUNDS, 9999, 9999)).toBe(true);
  expect(isOutlier(record, [], BOUNDS, 10_000, 10_000)).toBe(false);
});

test('a failure that was just recorded of a probe is enough where the others are well', () => {
  const record = recordOf(`${well}---!`);
  record.fail(10_000);
  expect(isOutlier(record, [recordOf(well)], BOUNDS, 10_000, 10_000)).toBe(true);
});

test('a failure that was just recorded long after the last success is like the first', () => {
  const record = recordOf(well);
  record.fail(200_000);
  expect(isOutlier(record, [recordOf(well)], BOUNDS, 200_000, 200_000)).toBe(true);
});

test('a failure that was just recorded is enough if one in a row is', () => {
  expect(isOutlier(recordOf(`${well}-`), [recordOf(well)], { ...BOUNDS, consecutiveFailures: 1 }, 0, 0)).toBe(
    true,
  );
});

/** The result of one failure rate for each backend, at one moment. */
interface Scene {
  readonly backends: number;
  readonly everyMs: number;
  readonly requests: number;
  readonly failureRate: (backend: number, nowMs: number) => number;
  readonly seed?: number;
}

/**
 * Sends requests in turn to the backends that are not cooling down, and each that fails to the others after it. Returns
 * the cooldowns in order, and the most at one time.
 */
function play({ backends, everyMs, requests, failureRate, seed = 1 }: Scene) {
  const chance = seededRandom(seed);
  const records = Array.from({ length: backends }, () => new FailureRecord());
  const coolsDownUntilMs = records.map(() => Number.NEGATIVE_INFINITY);
  const cooldowns: { backend: number; request: number; atMs: number; durationMs: number }[] = [];
  let mostOut = 0;
  for (let request = 0; request < requests; request++) {
    const nowMs = request * everyMs;
    const order = records.map((_, index) => (index + request) % backends);
    const isInCooldown = (backend: number) => coolsDownUntilMs[backend]! > nowMs;
    for (const backend of [...order.filter((each) => !isInCooldown(each)), ...order.filter(isInCooldown)]) {
      const record = records[backend]!;
      if (chance() >= failureRate(backend, nowMs)) {
        record.succeed(nowMs, nowMs);
        coolsDownUntilMs[backend] = Math.min(coolsDownUntilMs[backend]!, nowMs);
        break;
      }
      record.fail(nowMs);
      const peers = records.filter((each) => each !== record);
      if (!isOutlier(record, peers, BOUNDS, nowMs, nowMs)) continue;
      const durationMs = record.coolDown(nowMs, 10_000, 300_000, nowMs);
      if (!isInCooldown(backend)) cooldowns.push({ backend, request, atMs: nowMs, durationMs });
      coolsDownUntilMs[backend] = nowMs + durationMs;
    }
    mostOut = Math.max(mostOut, coolsDownUntilMs.filter((untilMs) => untilMs > nowMs).length);
  }
  return { cooldowns, mostOut };
}

/** All healthy for this many milliseconds, then as given. */
const after =
  (ms: number, failureRate: (backend: number) => number): Scene['failureRate'] =>
  (backend, nowMs) =>
    nowMs < ms ? 0 : failureRate(backend);

test.each([1, 10, 100, 1000])(
  'of backends in turn, one failure in a hundred takes nobody out, at %d requests a second',
  (rate) => {
    const { cooldowns } = play({
      backends: 3,
      everyMs: 1000 / rate,
      requests: 30_000,
      failureRate: after(3000, () => 0.01),
    });
    expect(cooldowns).toEqual([]);
  },
);

test.each([1, 10, 100, 1000])(
  'of backends in turn, one that dies is out with its third failure, at %d requests a second',
  (rate) => {
    const died = 120 * rate;
    const { cooldowns } = play({
      backends: 3,
      everyMs: 1000 / rate,
      requests: died + 9,
      failureRate: after(120_000, (backend) => (backend === 0 ? 1 : 0)),
    });
    expect(cooldowns).toEqual([expect.objectContaining({ backend: 0, durationMs: 10_000 })]);
  },
);

test('a backend that stays dead is probed at growing times', () => {
  const { cooldowns } = play({
    backends: 3,
    everyMs: 100,
    requests: 9000,
    failureRate: after(60_000, (backend) => (backend === 0 ? 1 : 0)),
  });
  expect(cooldowns.map(({ durationMs }) => durationMs)).toEqual([
    10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
  ]);
});

test.each([1, 10, 100])('when all backends but one die, they are out, at %d requests a second', (rate) => {
  const { cooldowns, mostOut } = play({
    backends: 10,
    everyMs: 1000 / rate,
    requests: 120 * rate,
    failureRate: after(60_000, (backend) => (backend === 7 ? 0 : 1)),
  });
  expect(mostOut).toBe(9);
  expect(cooldowns.every(({ backend }) => backend !== 7)).toBe(true);
});

test('backends that all die together stay in rotation', () => {
  const { cooldowns } = play({
    backends: 3,
    everyMs: 10,
    requests: 20_000,
    failureRate: after(60_000, () => 1),
  });
  expect(cooldowns).toEqual([]);
});

test('of backends that were all dead from the beginning one cools down', () => {
  expect(play({ backends: 5, everyMs: 10, requests: 500, failureRate: () => 1 }).mostOut).toBe(1);
});

test('a backend that fails half the time is hardly asked any more', () => {
  const { cooldowns } = play({
    backends: 3,
    everyMs: 10,
    requests: 100_000,
    failureRate: after(60_000, (backend) => (backend === 0 ? 0.5 : 0)),
  });
  const cooldownTotalMs = cooldowns.reduce((sum, { durationMs }) => sum + durationMs, 0);
  expect(cooldownTotalMs).toBeGreaterThan(0.9 * (1_000_000 - 60_000));
});

test.each([0.1, 0.3, 0.5, 0.7])(
  'of backends in turn, what fails at all, %d of it, never takes out more than half of them',
  (share) => {
    for (let seed = 1; seed <= 10; seed++) {
      const failureRate = after(60_000, () => share);
      const { mostOut } = play({ backends: 10, everyMs: 20, requests: 6000, failureRate, seed });
      expect(mostOut).toBeLessThanOrEqual(5);
    }
  },
);

test('whatever fails when, one is always left that does not cool down', () => {
  const scene = fc.record({
    backends: fc.integer({ min: 1, max: 6 }),
    everyMs: fc.constantFrom(1, 10, 200, 3000),
    rates: fc.array(fc.array(fc.constantFrom(0, 0.01, 0.5, 1), { minLength: 6, maxLength: 6 }), {
      minLength: 1,
      maxLength: 6,
    }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(scene, ({ backends, everyMs, rates, seed }) => {
      const requests = 100 * rates.length;
      const { mostOut } = play({
        backends,
        everyMs,
        requests,
        seed,
        failureRate: (backend, nowMs) => rates[Math.floor(nowMs / everyMs / 100)]![backend]!,
      });
      expect(mostOut).toBeLessThan(backends);
    }),
    { numRuns: 200 },
  );
});
