import { expect, test } from 'vitest';
import type { AttemptRecord } from '../attempt.ts';
import type { Outcome } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor } from '../testing/make-headroom-pool.ts';
import { firstPriorityOf } from './spill.ts';

const A = makeBackend('a');
const B = makeBackend('b', { priority: 2 });
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 60_000 };
const FAILED: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };

const attemptAt = (backend: typeof A, outcome: Outcome): AttemptRecord => ({
  number: 1,
  startedMs: 0,
  backend,
  deployment: 'x',
  outcome,
  durationMs: 1,
});

test.each<[string, Outcome, string]>([
  ['refused it', THROTTLED, 'throttled'],
  ['could not be reached', FAILED, 'failing'],
  ['failed', { kind: 'unavailable', status: 500, cause: 'server-error', retryAfterMs: undefined }, 'failing'],
  ['would not do it', { kind: 'declined', status: 400, cause: 'unsupported' }, 'declined'],
])('a request spills for what the first group told it: it %s', (_, outcome, cause) => {
  const pool = makeHeadroomPool([A, B]);
  const spill = pool.spillOf(requestFor(1), B, [attemptAt(A, outcome)], 0);
  expect(spill).toEqual({ fromPriority: 1, cause });
});

test.each([
  ['cools down for spent quota', THROTTLED, 'throttled'],
  ['cools down for failures', FAILED, 'failing'],
] as const)(
  'a request spills for how the first group stands if it was not sent there: it %s',
  (_, outcome, cause) => {
    const pool = makeHeadroomPool([A, B], { strategy: 'round-robin' });
    attempt(pool, A, requestFor(1), 0, { outcome });
    expect(pool.spillOf(requestFor(1), B, [], 1)).toEqual({ fromPriority: 1, cause });
  },
);

test('a request spills because the first group has no room for it', () => {
  const pool = makeHeadroomPool([makeBackend('a', { quota: { tpm: 100 } }), B]);
  attempt(pool, A, requestFor(90), 0);
  expect(pool.spillOf(requestFor(20), B, [], 1)?.cause).toBe('full');
});

test('a request spills because provisioned throughput is in use, because an operator says so, and for a slow answer', () => {
  const provisioned = makeBackend('a', { quota: { tpm: 1000, spillAt: 0.5 } });
  const used = makeHeadroomPool([provisioned, B]);
  attempt(used, provisioned, requestFor(700), 0);
  expect(used.spillOf(requestFor(1), B, [], 1)?.cause).toBe('utilization');
  const pool = makeHeadroomPool([A, B]);
  expect(pool.spillOf(requestFor(1), B, [], 1)?.cause).toBe('slow');
  pool.drains.drain('a');
  expect(pool.spillOf(requestFor(1), B, [], 1)?.cause).toBe('draining');
});

test('what goes to the first group has not spilled, nor what had no choice', () => {
  const pool = makeHeadroomPool([A, B]);
  expect(pool.spillOf(requestFor(1), A, [], 0)).toBeUndefined();
  expect(pool.spillOf(requestFor(1, { owner: 'b' }), B, [], 0)).toBeUndefined();
});

test('the first group is the first that has any traffic of its own', () => {
  expect(firstPriorityOf([makeBackend('a', { weight: 0 }), B])).toBe(2);
  expect(firstPriorityOf([makeBackend('a', { weight: 0 })])).toBe(Number.POSITIVE_INFINITY);
});
