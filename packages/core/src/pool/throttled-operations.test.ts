import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { BackendPool } from './backend-pool.ts';

const upload = { deployment: '', method: 'POST', operation: 'files' };
const poll = { deployment: '', method: 'GET', operation: 'responses/resp_1' };
const otherPoll = { deployment: '', method: 'GET', operation: 'responses/resp_2' };

function makePool() {
  const backends = [makeBackend('a'), makeBackend('b', { priority: 2 })];
  return new BackendPool(backends, {
    strategy: 'most-headroom',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    random: seededRandom(1),
  });
}

/** Lets `a` throttle a request for this long, from 0. */
function throttle(pool: BackendPool, request: typeof upload, ms: number): void {
  const lease = pool.lease(pool.backends[0]!, request.deployment, 0, request);
  pool.settle(lease, { kind: 'throttled', status: 429, retryAfterMs: ms }, 0);
  lease.release();
}

function chosenFor(pool: BackendPool, request: typeof upload & { owner?: string }, nowMs: number) {
  const selection = pool.select(request, undefined, nowMs);
  return selection.kind === 'selected' ? selection.backend.name : selection;
}

test('a throttled operation without a deployment sends the same elsewhere, and leaves the others where they were', () => {
  const pool = makePool();
  throttle(pool, upload, 60_000);
  expect([chosenFor(pool, upload, 1000), chosenFor(pool, poll, 1000)]).toEqual(['b', 'a']);
  expect(chosenFor(pool, { ...poll, owner: 'a' }, 1000)).toBe('a');
  expect(chosenFor(pool, { ...upload, owner: 'a' }, 1000)).toMatchObject({
    isThrottled: true,
    recoveryMs: 59_000,
  });
  expect(chosenFor(pool, upload, 60_000)).toBe('a');
});

test('a throttled operation without a deployment counts for all objects, and as long as it was told itself', () => {
  const pool = makePool();
  throttle(pool, upload, 60_000);
  throttle(pool, poll, 20_000);
  expect(chosenFor(pool, { ...otherPoll, owner: 'a' }, 1000)).toMatchObject({ recoveryMs: 19_000 });
  expect([chosenFor(pool, otherPoll, 20_000), chosenFor(pool, upload, 20_000)]).toEqual(['a', 'b']);
});

test('a throttled operation without a deployment is shown, and comes back when an operator ends its cooldown', () => {
  const pool = makePool();
  throttle(pool, upload, 60_000);
  expect(pool.snapshots('', 1000)[0]?.availability).toBe('throttled');
  pool.clearCooldowns(pool.backends[0]!, undefined, 1000);
  expect(chosenFor(pool, upload, 1000)).toBe('a');
});

test('a throttled deployment is throttled for all its operations', () => {
  const pool = makePool();
  throttle(pool, { deployment: 'x', method: 'POST', operation: 'responses' }, 60_000);
  expect(chosenFor(pool, { deployment: 'x', method: 'POST', operation: 'embeddings' }, 1000)).toBe('b');
});

test('throttled operations without a deployment are forgotten where clients make up too many', () => {
  const pool = makePool();
  for (let count = 0; count < 1000; count++) {
    const operation = `made-up-${'x'.repeat(count)}`;
    throttle(pool, { ...upload, operation }, 60_000);
  }
  throttle(pool, upload, 60_000);
  expect([chosenFor(pool, upload, 1000), chosenFor(pool, poll, 1000)]).toEqual(['b', 'a']);
  expect(chosenFor(pool, { ...upload, operation: 'made-up-' }, 1000)).toBe('a');
});
