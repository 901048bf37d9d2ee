import type { Scenario } from './scenario.ts';

const SECONDS = 60;

/** Models answer as fast as Azure's: a late answer is rare, although nothing is known of their times at the start. */
export const modelSpeeds: Scenario = {
  name: 'model-speeds',
  shows:
    'eight models answer at the speeds of Azure’s, a gateway that has just started: no request is sent twice',
  durationMs: SECONDS * 1000,
  latency: 'by-name',
  arrivals: {
    perSecond: 25,
    deployments: [
      'gpt-4o',
      'gpt-4o-mini',
      'gpt-4.1',
      'gpt-4.1-mini',
      'gpt-4.1-nano',
      'gpt-5',
      'gpt-4-ptu',
      'gpt-35-turbo',
    ],
  },
  backends: [
    { name: 'east-1', priority: 1 },
    { name: 'east-2', priority: 1 },
    { name: 'west', priority: 2 },
  ],
  changes: [],
  expectations: [
    { kind: 'clients-see', status: 200 },
    { kind: 'duplicates-at-most', perThousand: 1 },
    { kind: 'group-shares', priority: 1 },
  ],
};
