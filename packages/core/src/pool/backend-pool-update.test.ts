import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Backend } from '../backend.ts';
import type { Outcome } from '../outcome.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor, selectedName } from '../testing/make-headroom-pool.ts';
import { WaitingScene } from '../testing/waiting-scene.ts';
import type { BackendPool } from './backend-pool.ts';
import type { Lease } from './lease.ts';

const OK: Outcome = { kind: 'succeeded', status: 200 };
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 5000 };
const ERROR: Outcome = { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs: undefined };
const ABORTED: Outcome = { kind: 'aborted' };

/** A backend's state for deployment `x`. */
const stateOf = (pool: BackendPool, name: string, nowMs: number) =>
  pool.snapshots('x', nowMs).find(({ backend }) => backend.name === name);
const remainingOf = (pool: BackendPool, name: string, nowMs = 1) =>
  pool.report(nowMs).find(({ asWhole }) => asWhole.backend.name === name)?.deployments[0]?.headroom
    .remainingTokens;

test.each<[string, Outcome, object]>([
  ['spent quota', THROTTLED, { availability: 'throttled', recoversAtMs: 5000 }],
  ['a failure', ERROR, { availability: 'cooling', failedAtMs: 0, recoversAtMs: 10_000 }],
])(
  'a pool that takes other backends keeps the cooldown of one that has its name, after %s',
  (_, outcome, expected) => {
    const pool = makeHeadroomPool([makeBackend('a')]);
    attempt(pool, makeBackend('a'), requestFor(1), 0, { outcome });
    const next = makeBackend('a', { priority: 3 });
    pool.update([next, makeBackend('b')]);
    expect(stateOf(pool, 'a', 1)).toMatchObject(expected);
    expect(stateOf(pool, 'a', 1)?.backend).toBe(next);
    expect(stateOf(pool, 'b', 1)).toMatchObject({ availability: 'available', inFlight: 0 });
  },
);

test('a pool that takes other backends keeps the record of failures, so that the next cooldown is as long as it would have been', () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  attempt(pool, makeBackend('a'), requestFor(1), 0, { outcome: ERROR });
  pool.update([makeBackend('a')]);
  attempt(pool, makeBackend('a'), requestFor(1), 10_000, { outcome: ERROR });
  expect(stateOf(pool, 'a', 10_000)?.recoversAtMs).toBe(30_000);
});

test.each([
  ['the same limit', 1000, 400],
  ['a higher limit', 2000, 1400],
  ['a lower limit', 500, 0],
  ['a limit that is not said any more', undefined, undefined],
])('a pool that takes other backends keeps what was charged, with %s', (_, tpm, remaining) => {
  const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000 } })]);
  attempt(pool, makeBackend('a'), requestFor(600), 0);
  pool.update([makeBackend('a', { quota: { tpm } })]);
  expect(remainingOf(pool, 'a')).toBe(remaining);
  expect(selectedName(pool, requestFor(500), 1)).toBe((remaining ?? 500) >= 500 ? 'a' : undefined);
});

test('a pool that takes other backends believes what a backend told of its limit, where the settings allow more', () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  const headers = { 'x-ratelimit-limit-tokens': '1000', 'x-ratelimit-remaining-tokens': '300' };
  attempt(pool, makeBackend('a'), requestFor(100), 0, { headers });
  pool.update([makeBackend('a', { quota: { tpm: 5000 } })]);
  expect(remainingOf(pool, 'a')).toBe(300);
});

test('a pool that takes other backends keeps how full provisioned throughput is, and takes its new size', () => {
  const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 1000, spillAt: 0.5 } })]);
  attempt(pool, makeBackend('a'), requestFor(600), 0);
  expect(stateOf(pool, 'a', 0)?.headroom).toBeCloseTo(0.4);
  pool.update([makeBackend('a', { quota: { tpm: 4000, spillAt: 0.9 } })]);
  expect(stateOf(pool, 'a', 0)?.headroom).toBeCloseTo(0.4);
  attempt(pool, makeBackend('a'), requestFor(400), 0);
  expect(stateOf(pool, 'a', 0)?.headroom).toBeCloseTo(0.3);
});

test('a pool that takes other backends counts attempts under way on, against the new limit', () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  const leases = [0, 0].map((nowMs) => pool.lease(makeBackend('a'), 'x', nowMs));
  pool.update([makeBackend('a', { maxInFlight: 2 })]);
  expect(stateOf(pool, 'a', 1)).toMatchObject({ availability: 'full', inFlight: 2 });
  leases[0]?.release();
  expect(stateOf(pool, 'a', 1)).toMatchObject({ availability: 'available', inFlight: 1 });
});

test('a pool that takes other backends knows a deployment by its name at the backend, whatever clients call it now', () => {
  const pool = makeHeadroomPool([makeBackend('a', { deployments: new Map([['x', 'gpt']]) })]);
  attempt(pool, makeBackend('a'), requestFor(1), 0, { outcome: THROTTLED });
  pool.update([makeBackend('a', { deployments: new Map([['y', 'gpt']]) })]);
  expect(pool.snapshots('y', 1)[0]?.availability).toBe('throttled');
  expect(pool.snapshots('x', 1)[0]?.availability).toBe('available');
});

test('a backend that is gone is not selected, and its leases end without harm to one that comes by its name', () => {
  const pool = makeHeadroomPool([makeBackend('a'), makeBackend('b')]);
  const [one, two] = [0, 0].map((nowMs) => pool.lease(makeBackend('a'), 'x', nowMs)) as [Lease, Lease];
  pool.update([makeBackend('b')]);
  expect(pool.backends.map(({ name }) => name)).toEqual(['b']);
  expect(selectedName(pool, requestFor(1), 1)).toBe('b');
  pool.settle(one, ERROR, 1);
  one.release();
  pool.update([makeBackend('a'), makeBackend('b')]);
  pool.settle(two, THROTTLED, 2);
  pool.endLease(two, 2);
  expect(stateOf(pool, 'a', 2)).toMatchObject({ availability: 'available', inFlight: 0 });
});

const group = (name: string, quotaGroup?: string) =>
  makeBackend(name, { quota: { tpm: 1000, quotaGroup }, priority: name === 'a' ? 1 : 2 });

test('a quota group that is still named keeps what was charged and its cooldown, also for one that joins it', () => {
  const pool = makeHeadroomPool([group('a', 'east')]);
  attempt(pool, group('a'), requestFor(700), 0);
  pool.update([group('a', 'east'), group('b', 'east')]);
  expect(selectedName(pool, requestFor(400), 1)).toBeUndefined();
  expect(selectedName(pool, requestFor(300), 1)).toBe('a');
  attempt(pool, group('a'), requestFor(1), 1, { outcome: THROTTLED });
  pool.update([group('b', 'east')]);
  expect(stateOf(pool, 'b', 2)).toMatchObject({ availability: 'throttled', recoversAtMs: 5001 });
});

test('a quota group that a deployment leaves has nothing to do with it any more', () => {
  const pool = makeHeadroomPool([group('a', 'east'), group('b', 'east')]);
  attempt(pool, group('a'), requestFor(700), 0);
  attempt(pool, group('b'), requestFor(100), 0);
  pool.update([group('a', 'east'), group('b')]);
  expect(remainingOf(pool, 'a')).toBe(200);
  expect(remainingOf(pool, 'b')).toBe(1000);
});

test('a request that waits goes to a backend that is new, and to none that it may not go to again', async () => {
  const script = {
    a: () => makeAnswer(500),
    b: () => makeAnswer(429, { headers: { 'retry-after-ms': '2000' } }),
    c: () => makeAnswer(200),
  };
  const scene = new WaitingScene([makeBackend('a'), makeBackend('b')], script);
  const waiting = await scene.arrive();
  expect(waiting.ending).toBeUndefined();
  scene.pool.update([makeBackend('a'), makeBackend('b'), makeBackend('c', { priority: 2 })]);
  scene.room.lookAgain();
  await scene.settle();
  expect(waiting.ending).toBe('200 from c at 0');
  expect(scene.transport.calls).toEqual(['a/x', 'b/x', 'c/x']);
});

const NAMES = ['a', 'b', 'c'];
const step = fc.record({
  gapMs: fc.nat(3000),
  kind: fc.constantFrom('begin', 'begin', 'begin', 'end', 'end', 'update'),
  tokens: fc.integer({ min: 1, max: 600 }),
  outcome: fc.constantFrom(OK, OK, THROTTLED, ERROR, ABORTED),
  present: fc.subarray(NAMES),
  which: fc.nat(20),
});
const makeAll = (names: readonly string[]): Backend[] =>
  names.map((name) =>
    makeBackend(name, { quota: { tpm: 1000, rpm: 60, quotaGroup: name === 'c' ? undefined : 'shared' } }),
  );

test('a pool that is given the same backends again and again is as if it had not been', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pools = [makeHeadroomPool(makeAll(NAMES)), makeHeadroomPool(makeAll(NAMES))] as const;
      const open: Lease[][] = [];
      let nowMs = 0;
      for (const { gapMs, kind, tokens, outcome, which } of steps) {
        nowMs += gapMs;
        if (kind === 'update') pools[0].update(makeAll(NAMES));
        const selections = pools.map((pool) => pool.select(requestFor(tokens), undefined, nowMs));
        expect(selections[0]).toEqual(selections[1]);
        const selected = selections[0]?.kind === 'selected' ? selections[0].backend : undefined;
        if (kind === 'begin' && selected !== undefined)
          open.push(pools.map((pool) => pool.lease(selected, 'x', nowMs, requestFor(tokens))));
        const ended = kind === 'end' ? open.splice(which % (open.length || 1), 1)[0] : undefined;
        for (const [index, lease] of (ended ?? []).entries()) {
          pools[index]?.settle(lease, outcome, nowMs);
          lease.release();
        }
        expect(pools[0].report(nowMs)).toEqual(pools[1].report(nowMs));
      }
    }),
  );
});

test('whatever comes and goes, a backend has in flight what was begun since it came, and in the end nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pool = makeHeadroomPool(makeAll(NAMES));
      let open: { lease: Lease; isCounted: boolean }[] = [];
      let nowMs = 0;
      for (const { gapMs, kind, tokens, outcome, present, which } of steps) {
        nowMs += gapMs;
        if (kind === 'update') {
          pool.update(makeAll(present));
          for (const one of open) one.isCounted &&= present.includes(one.lease.backend.name);
        }
        const selection = pool.select(requestFor(tokens), undefined, nowMs);
        if (kind === 'begin' && selection.kind === 'selected')
          open.push({
            lease: pool.lease(selection.backend, 'x', nowMs, requestFor(tokens)),
            isCounted: true,
          });
        const ended = kind === 'end' ? open.splice(which % (open.length || 1), 1)[0] : undefined;
        if (ended !== undefined) {
          pool.settle(ended.lease, outcome, nowMs);
          ended.lease.release();
        }
        for (const { backend, inFlight } of pool.snapshots('x', nowMs)) {
          const counted = open.filter(
            ({ lease, isCounted }) => isCounted && lease.backend.name === backend.name,
          );
          expect(inFlight).toBe(counted.length);
        }
      }
      for (const { lease } of open) pool.endLease(lease, nowMs);
      open = [];
      expect(pool.snapshots('x', nowMs).every(({ inFlight }) => inFlight === 0)).toBe(true);
    }),
  );
});
