import type { Scenario } from './scenario.ts';

/** All backends answer: only the first group is used. */
export const normal: Scenario = {
  name: 'normal',
  shows: 'all backends answer: only priority 1 is used',
  durationMs: 4_000,
  backends: [
    { name: 'east-1', priority: 1 },
    { name: 'east-2', priority: 1 },
    { name: 'west', priority: 2 },
  ],
  changes: [],
  expectations: [
    { kind: 'clients-see', status: 200 },
    { kind: 'only-group-called', priority: 1 },
    { kind: 'group-shares', priority: 1 },
    { kind: 'refusals-at-most', count: 0 },
  ],
};
