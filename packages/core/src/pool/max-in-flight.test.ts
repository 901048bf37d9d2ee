import { expect, test } from 'vitest';
import { strategies, type StrategyName } from '../selection/strategies.ts';
import { makeAnswer } from '../testing/make-answer.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { WaitingScene } from '../testing/waiting-scene.ts';
import { BackendPool } from './backend-pool.ts';
import type { PoolOptions } from './pool-options.ts';

const A = makeBackend('a', { maxInFlight: 2 });
const B = makeBackend('b', { priority: 2, maxInFlight: 1 });

const makePool = (options: Partial<PoolOptions> = {}) =>
  new BackendPool([A, B], {
    strategy: 'most-headroom',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    random: seededRandom(1),
    ...options,
  });

const select = (pool: BackendPool, nowMs = 0, deployment = 'x') =>
  pool.select({ deployment }, undefined, nowMs);

test.each(Object.keys(strategies) as StrategyName[])(
  'a backend with as many attempts under way as `maxInFlight` allows is full, and requests spill to the next priority, with the strategy %s',
  (strategy) => {
    const pool = makePool({ strategy });
    const names = [1, 2, 3].map(() => {
      const selection = select(pool);
      if (selection.kind !== 'selected') return 'nobody';
      pool.lease(selection.backend, 'x', 0);
      return selection.backend.name;
    });
    expect(names).toEqual(['a', 'a', 'b']);
    expect(pool.snapshots(undefined, 0).map(({ availability }) => availability)).toEqual(['full', 'full']);
  },
);

test('a backend with as many attempts under way as `maxInFlight` allows is full for its other deployments too', () => {
  const pool = makePool();
  pool.lease(A, 'x', 0);
  pool.lease(A, 'y', 0);
  expect(select(pool, 0, 'z')).toMatchObject({ kind: 'selected', backend: B });
});

test('a backend with as many attempts under way as `maxInFlight` allows is throttling nobody: the moment one ends there is room for one more', () => {
  const pool = makePool();
  const leases = [pool.lease(A, 'x', 0), pool.lease(A, 'x', 0), pool.lease(B, 'x', 0)];
  expect(select(pool)).toEqual({ kind: 'exhausted', isThrottled: true, recoveryMs: 900 });
  leases[1]!.release();
  expect(select(pool)).toMatchObject({ kind: 'selected', backend: A });
});

test('a backend with as many attempts under way as `maxInFlight` allows is not probed however long its quota was left alone', () => {
  const pool = makePool();
  for (const backend of [A, A, B]) pool.lease(backend, 'x', 0);
  expect(select(pool, 600_000)).toMatchObject({ kind: 'exhausted', recoveryMs: 900 });
});

test('a request that waits in the room gets the place of the first attempt that ends', async () => {
  const a = makeBackend('a', { maxInFlight: 1 });
  const scene = new WaitingScene([a], { a: () => makeAnswer(200) }, { maxWaitMs: 10_000 });
  const lease = scene.pool.lease(a, 'x', 0);
  const waiting = await scene.arrive();
  expect(waiting.ending).toBeUndefined();
  lease.release();
  scene.room.lookAgain();
  await scene.passTo(1);
  expect(waiting.ending).toMatch(/^200 from a/);
});
