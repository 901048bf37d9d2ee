import type { Scenario } from './scenario.ts';

/** The first group is throttled for four seconds in the middle of the run: clients do not notice. */
export const throttled: Scenario = {
  name: 'throttled',
  shows: 'priority 1 answers 429 from 3 s to 7 s: traffic spills into priority 2 and comes back',
  durationMs: 11_000,
  backends: [
    { name: 'east-1', priority: 1 },
    { name: 'east-2', priority: 1 },
    { name: 'west', priority: 2 },
  ],
  changes: [
    { atMs: 3_000, forMs: 4_000, backend: 'east-1', script: 'throttle(retry-after=4)' },
    { atMs: 3_000, forMs: 4_000, backend: 'east-2', script: 'throttle(retry-after=4)' },
  ],
  expectations: [
    { kind: 'clients-see', status: 200 },
    { kind: 'only-group-called', priority: 1, toMs: 2_900 },
    // These were on their way when the throttling began; no request meets it after that.
    { kind: 'refusals-at-most', count: 24 },
    { kind: 'only-group-called', priority: 2, fromMs: 3_300, toMs: 6_900 },
    { kind: 'only-group-called', priority: 1, fromMs: 8_500 },
  ],
};
