import { expect, test } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor } from '../testing/make-headroom-pool.ts';

const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: 60_000 };
const named = () => ['x', 'y'];

const A = makeBackend('a', { quotas: new Map([['y', { tpm: 500 }]]) });

/** Returns each deployment of the only backend with its state and its limit. */
function reported(pool: ReturnType<typeof makeHeadroomPool>, names?: () => readonly string[]) {
  const [report] = pool.report(0, names);
  return report?.deployments.map(({ deployment, state, headroom }) => [
    deployment,
    state.availability,
    headroom.limitTokens,
  ]);
}

test('a report has the deployments that it is asked for, even if nothing is known of them, and does not remember them', () => {
  const pool = makeHeadroomPool([A]);
  expect(reported(pool, named)).toEqual([
    ['x', 'available', undefined],
    ['y', 'available', 500],
  ]);
  expect(reported(pool)).toEqual([]);
});

test('a deployment that is named and known is reported once, as it is known', () => {
  const pool = makeHeadroomPool([A]);
  attempt(pool, A, requestFor(1), 0);
  attempt(pool, A, requestFor(1), 0, { outcome: THROTTLED });
  expect(reported(pool, named)).toEqual([
    ['x', 'throttled', undefined],
    ['y', 'available', 500],
  ]);
});

test('a deployment of which nothing is known is drained with its backend', () => {
  const pool = makeHeadroomPool([A]);
  pool.drains.drain('a');
  expect(reported(pool, named)?.map(([, availability]) => availability)).toEqual(['draining', 'draining']);
});
