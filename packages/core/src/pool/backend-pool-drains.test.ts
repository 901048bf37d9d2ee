import { expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor, selectedName } from '../testing/make-headroom-pool.ts';

const A = makeBackend('a');
const B = makeBackend('b', { priority: 2 });
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 60_000 };
const FAILED: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };

/** Returns the first backend's state for `x`, and the reason. */
function stateOf(pool: ReturnType<typeof makeHeadroomPool>, nowMs: number) {
  const snapshot = pool.snapshots('x', nowMs)[0];
  return [snapshot?.availability, snapshot?.coolsDownFor];
}

test('a drained backend gets no new requests until it is taken in again', () => {
  const pool = makeHeadroomPool([A, B]);
  pool.drains.drain('a');
  expect(selectedName(pool, requestFor(1), 0)).toBe('b');
  expect(pool.report(0)[0]?.asWhole.availability).toBe('draining');
  pool.drains.undrain('a');
  expect(selectedName(pool, requestFor(1), 0)).toBe('a');
  expect(pool.report(0)[0]?.asWhole.availability).toBe('available');
});

test('a drained deployment gets no new requests, and the others of its backend do', () => {
  const pool = makeHeadroomPool([makeBackend('a', { deployments: new Map([['x', 'x-eu']]) }), B]);
  pool.drains.drain('a', 'x-eu');
  expect(selectedName(pool, requestFor(1), 0)).toBe('b');
  expect(selectedName(pool, requestFor(1, { deployment: 'y' }), 0)).toBe('a');
  expect(
    pool.report(0)[0]?.deployments.map(({ deployment, state }) => [deployment, state.availability]),
  ).toEqual([['x-eu', 'draining']]);
  pool.drains.undrain('a', 'x-eu');
  expect(pool.drains.isEmpty).toBe(true);
});

test('a drained deployment gets no new requests in whatever capitals it is asked for', () => {
  const pool = makeHeadroomPool([A, B]);
  pool.drains.drain('a', 'x');
  expect(selectedName(pool, requestFor(1, { deployment: 'X' }), 0)).toBe('b');
  pool.drains.undrain('a', 'X');
  expect(selectedName(pool, requestFor(1), 0)).toBe('a');
  expect(pool.drains.isEmpty).toBe(true);
});

test('a deployment that is drained before anybody has asked for it does not take out its backend', () => {
  const pool = makeHeadroomPool([A]);
  pool.drains.drain('a', 'x');
  expect(pool.snapshots(undefined, 0).map(({ availability }) => availability)).toEqual(['available']);
  expect(pool.snapshots('x', 0).map(({ availability }) => availability)).toEqual(['draining']);
});

test('a drained backend still gets what only it has', () => {
  const pool = makeHeadroomPool([A, B]);
  pool.drains.drain('a');
  expect(selectedName(pool, requestFor(1, { owner: 'a' }), 0)).toBe('a');
});

test('when all is drained nothing serves, and no quota is to blame', () => {
  const pool = makeHeadroomPool([A, B]);
  pool.drains.drain('a');
  pool.drains.drain('b');
  expect(pool.select(requestFor(1), undefined, 0)).toEqual({
    kind: 'exhausted',
    isThrottled: false,
    recoveryMs: 0,
  });
  expect(pool.firstToRecover(requestFor(1), () => Number.NEGATIVE_INFINITY, 0)).toBeUndefined();
});

test('a drain outlives other settings of its backend', () => {
  const pool = makeHeadroomPool([A, B]);
  pool.drains.drain('a');
  pool.update([makeBackend('a', { weight: 2 }), B]);
  expect(selectedName(pool, requestFor(1), 0)).toBe('b');
});

test.each([
  ['a deployment’s cooldown for spent quota', THROTTLED, 'throttled'],
  ['a backend’s cooldown for failures', FAILED, 'cooling'],
] as const)('%s says what it is for, and ends by hand with one probe', (_, outcome, availability) => {
  const pool = makeHeadroomPool([A, B], { strategy: 'round-robin' });
  attempt(pool, A, requestFor(1), 0, { outcome });
  expect(stateOf(pool, 1)).toEqual([availability, outcome]);
  pool.clearCooldowns(A, undefined, 1);
  expect(stateOf(pool, 1)).toEqual(['available', undefined]);
  pool.lease(A, 'x', 1);
  expect(stateOf(pool, 1)).toEqual(['probing', undefined]);
});

test('a single deployment’s cooldown can be ended by hand, and its backend’s then goes on', () => {
  const pool = makeHeadroomPool([A, B], { strategy: 'round-robin' });
  attempt(pool, A, requestFor(1), 0, { outcome: THROTTLED });
  attempt(pool, A, requestFor(1), 0, { outcome: FAILED });
  pool.clearCooldowns(A, 'x', 1);
  expect(stateOf(pool, 1)).toEqual(['cooling', FAILED]);
});

test('nothing is drained or ended at a backend that is not there', () => {
  const pool = makeHeadroomPool([A]);
  pool.clearCooldowns({ name: 'gone' }, undefined, 0);
  expect(pool.snapshots('x', 0)).toHaveLength(1);
});
