import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { attempt, makeHeadroomPool, requestFor, selectedName } from '../testing/make-headroom-pool.ts';
import { WaitingScene } from '../testing/waiting-scene.ts';
import type { PoolOptions } from './pool-options.ts';

const options: PoolOptions = {
  strategy: 'most-headroom',
  cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
  random: () => 0.5,
};
const limited = (name: string) => makeBackend(name, { quota: { tpm: 1000 } });

test('a pool that takes another strategy chooses by it from then on, and back again', () => {
  const pool = makeHeadroomPool([limited('a')]);
  attempt(pool, limited('a'), requestFor(900), 0);
  expect(selectedName(pool, requestFor(500), 1)).toBeUndefined();
  pool.update(pool.backends, { ...options, strategy: 'round-robin' });
  expect(selectedName(pool, requestFor(500), 1)).toBe('a');
  pool.update(pool.backends, options);
  expect(selectedName(pool, requestFor(500), 1)).toBeUndefined();
});

test('a pool that takes other reserves keeps them for urgent requests from then on', () => {
  const pool = makeHeadroomPool([limited('a')]);
  attempt(pool, limited('a'), requestFor(200), 0);
  const batch = requestFor(600, { priorityClass: 'batch' });
  expect(selectedName(pool, batch, 0)).toBe('a');
  pool.update(pool.backends, { ...options, reserves: { interactive: 0.1, standard: 0.2 } });
  expect(selectedName(pool, batch, 0)).toBeUndefined();
  expect(selectedName(pool, requestFor(600), 0)).toBe('a');
  pool.update(pool.backends);
  expect(selectedName(pool, batch, 0)).toBeUndefined();
});

test('a pool that takes other bounds of cooldowns lets backends cool down by them from then on', () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  pool.update(pool.backends, { ...options, cooldown: { ...options.cooldown, defaultMs: 2000 } });
  const outcome = { kind: 'throttled', status: 429, retryAfterMs: undefined } as const;
  attempt(pool, makeBackend('a'), requestFor(1), 0, { outcome });
  expect(pool.snapshots('x', 1)[0]?.recoversAtMs).toBe(2000);
});

test('a pool that takes another retry budget gives what that has, less what was taken', () => {
  const pool = makeHeadroomPool([makeBackend('a')]);
  const take = () => Array.from({ length: 100 }, () => pool.takeRetry(0)).filter(Boolean).length;
  expect(take()).toBe(100);
  pool.update(pool.backends, { ...options, retryBudget: { share: 0, minRetriesPerSecond: 1 } });
  expect(take()).toBe(10);
  pool.update(pool.backends, { ...options, retryBudget: { share: 0, minRetriesPerSecond: 3 } });
  expect(take()).toBe(20);
  pool.update(pool.backends, { ...options, retryBudget: { share: 0, minRetriesPerSecond: 1 } });
  expect(take()).toBe(0);
  pool.update(pool.backends, options);
  expect(take()).toBe(100);
});

test.each([
  ['of its own', { tpm: 1000 }],
  ['that is shared', { tpm: 1000, quotaGroup: 'g' }],
])('a pool that takes other windows counts a quota %s in them, and keeps its cooldowns', (_, quota) => {
  const backend = makeBackend('a', { quota });
  const pool = makeHeadroomPool([backend]);
  attempt(pool, backend, requestFor(900), 0);
  const outcome = { kind: 'throttled', status: 429, retryAfterMs: 200 } as const;
  attempt(pool, backend, requestFor(1), 0, { outcome });
  const quotaWindows = { tokenWindowMs: 1000, requestWindowMs: 100 };
  pool.update([backend], { ...options, quotaWindows });
  expect(pool.snapshots('x', 1)[0]).toMatchObject({ availability: 'throttled', recoversAtMs: 200 });
  expect(selectedName(pool, requestFor(900), 300)).toBe('a');
  attempt(pool, backend, requestFor(900), 300);
  expect(selectedName(pool, requestFor(900), 301)).toBeUndefined();
  pool.update([backend], { ...options, quotaWindows: { ...quotaWindows } });
  expect(selectedName(pool, requestFor(900), 301)).toBeUndefined();
  expect(selectedName(pool, requestFor(900), 1400)).toBe('a');
});

test('a waiting room that takes other bounds keeps whom it has, and takes others by the new ones', async () => {
  const scene = new WaitingScene([makeBackend('a')], {
    a: () => ({
      kind: 'answered',
      status: 429,
      header: (n) => (n === 'retry-after' ? '5' : undefined),
      body: '',
    }),
  });
  await scene.arrive();
  await scene.arrive();
  expect(scene.size).toBe(2);
  scene.room.configure({ maxWaitMs: 0, maxRequests: 0, maxBytes: 0 });
  await scene.arrive({ name: 'late' });
  expect(scene.size).toBe(2);
  expect(scene.ended).toHaveLength(1);
  expect(scene.ended[0]).toMatch(/^late/);
});
