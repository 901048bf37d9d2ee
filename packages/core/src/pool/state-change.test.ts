import { expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor } from '../testing/make-headroom-pool.ts';
import type { PoolOptions } from './pool-options.ts';
import type { StateChange } from './state-change.ts';

const A = makeBackend('a');
const B = makeBackend('b');
const ASKED = requestFor(1);
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 5000 };
const REFUSED: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };
const FAILED: Outcome = { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs: undefined };
const MISSING: Outcome = {
  kind: 'unavailable',
  status: 404,
  cause: 'deployment-missing',
  retryAfterMs: undefined,
};

function makeWatchedPool(options: Partial<PoolOptions> = {}, backends = [A, B]) {
  const changes: StateChange[] = [];
  const noteChange = (change: StateChange) => changes.push(change);
  return { pool: makeHeadroomPool(backends, { noteChange, ...options }), changes };
}

test('a deployment that is throttled, probed and serves again is told of three times, with cause and durations', () => {
  const { pool, changes } = makeWatchedPool();
  attempt(pool, A, ASKED, 0, { outcome: THROTTLED });
  attempt(pool, A, ASKED, 6000);
  for (let success = 0; success < 10; success++) attempt(pool, A, ASKED, 6100);
  const what = { backend: 'a', deployment: 'x' };
  expect(changes).toEqual([
    { ...what, kind: 'cooled', from: 'available', reason: 'throttled', outcome: THROTTLED, durationMs: 5000 },
    { ...what, kind: 'probing', downMs: 6000 },
    { ...what, kind: 'recovered', downMs: 6100 },
  ]);
});

test('a backend that cannot be reached has changed as a whole', () => {
  const { pool, changes } = makeWatchedPool();
  attempt(pool, A, ASKED, 0, { outcome: REFUSED });
  const kind = {
    kind: 'cooled',
    from: 'available',
    reason: 'failing',
    outcome: REFUSED,
    durationMs: 10_000,
  };
  expect(changes).toEqual([{ backend: 'a', deployment: undefined, ...kind }]);
});

test('a cooldown is told of once, however many requests are refused meanwhile, and again if the probe is refused', () => {
  const { pool, changes } = makeWatchedPool();
  for (let nowMs = 0; nowMs < 1000; nowMs += 100) attempt(pool, A, ASKED, nowMs, { outcome: THROTTLED });
  expect(changes.map(({ kind }) => kind)).toEqual(['cooled']);
  attempt(pool, A, ASKED, 9000, { outcome: THROTTLED });
  attempt(pool, A, ASKED, 15_000);
  expect(changes.map(({ kind }) => kind)).toEqual(['cooled', 'probing', 'cooled', 'probing']);
  expect(changes.at(-1)).toMatchObject({ downMs: 15_000 });
});

test('a backend that fails where its peers do not is ejected', () => {
  const { pool, changes } = makeWatchedPool({ outlier: { share: 0.5, consecutiveFailures: 2 } });
  for (let nowMs = 0; nowMs < 500; nowMs += 100) {
    attempt(pool, B, ASKED, nowMs);
    attempt(pool, A, ASKED, nowMs, { outcome: FAILED });
  }
  expect(changes[0]).toMatchObject({ backend: 'a', deployment: 'x', kind: 'ejected', outcome: FAILED });
});

test('names that clients make up are nothing to tell', () => {
  const { pool, changes } = makeWatchedPool();
  attempt(pool, A, requestFor(1, { deployment: 'made-up' }), 0, { outcome: MISSING });
  expect(changes).toEqual([]);
});

test('deployments that share a quota are told of by the one that was refused, and by the one that probes', () => {
  const shared = makeBackend('a', { quota: { quotaGroup: 'g' } });
  const { pool, changes } = makeWatchedPool({}, [shared]);
  attempt(pool, shared, ASKED, 0, { outcome: THROTTLED });
  attempt(pool, shared, requestFor(1, { deployment: 'y' }), 6000);
  expect(changes.map(({ kind, deployment }) => [kind, deployment])).toEqual([
    ['cooled', 'x'],
    ['probing', 'y'],
  ]);
});
