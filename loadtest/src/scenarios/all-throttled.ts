import type { Scenario } from './scenario.ts';

/**
 * Everything is throttled, each backend for a different time: clients learn the soonest, and the backends cool down.
 */
export const allThrottled: Scenario = {
  name: 'all-throttled',
  shows: 'from 2 s on every backend answers 429, for 3, 4 and 5 s: clients get the soonest Retry-After',
  durationMs: 8_500,
  backends: [
    { name: 'east-1', priority: 1 },
    { name: 'east-2', priority: 1 },
    { name: 'west', priority: 2 },
  ],
  changes: [
    { atMs: 2_000, forMs: 5_000, backend: 'east-1', script: 'throttle(retry-after=5)' },
    { atMs: 2_000, forMs: 3_000, backend: 'east-2', script: 'throttle(retry-after=3)' },
    { atMs: 2_000, forMs: 4_000, backend: 'west', script: 'throttle(retry-after=4)' },
  ],
  expectations: [
    { kind: 'clients-see', status: 200, toMs: 1_900 },
    { kind: 'refusals-at-most', count: 36 },
    { kind: 'clients-see', status: 429, fromMs: 2_300, toMs: 4_900 },
    { kind: 'honest-retry-after', recoveryMs: 5_000, fromMs: 2_300, toMs: 4_900 },
    { kind: 'nobody-called', fromMs: 2_300, toMs: 4_900 },
    { kind: 'clients-see', status: 200, fromMs: 6_000 },
    { kind: 'only-group-called', priority: 1, fromMs: 7_800 },
  ],
};
