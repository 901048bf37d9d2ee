import { makeSnapshot, type Scene } from '../../../../dashboard/src/testing/make-snapshot.ts';

/** Both backends of priority 1 are throttled, and what they cannot serve spills. */
export const spilling: Scene = {
  backends: [
    { name: 'eastus', state: 'throttled', why: '429', recoversInMs: 12_000 },
    { name: 'swedencentral', state: 'throttled', why: '429', recoversInMs: 9000 },
    { name: 'westeurope', priority: 2, requestsPerSecond: 7.6, inFlight: 4 },
  ],
  spilledIn: { 2: [{ fromPriority: 1, cause: 'throttled', requestsPerSecond: 7.6 }] },
  failovers: [
    {
      deployment: 'gpt-4o',
      from: 'eastus',
      reason: '429',
      to: 'westeurope',
      count: 37,
      sinceMs: 9000,
      agoMs: 1200,
    },
  ],
  events: [{ agoMs: 3000, backend: 'eastus', from: 'available', to: 'throttled', why: '429' }],
};

/** Every state at once, long names, and many of everything. */
export const crowded: Scene = {
  backends: (['available', 'probing', 'full', 'cooling', 'throttled', 'draining'] as const).flatMap(
    (state, place) =>
      ['a', 'b'].map((letter) => ({
        name: `openai-production-${state}-${letter}-with-a-name-that-is-long`,
        priority: 1 + Math.floor(place / 2),
        state,
        why: 'no answer in time',
        requestsPerSecond: 12.4,
        deployments: [
          { name: 'gpt-4o-mini-2024-07-18-with-a-long-name' },
          { name: 'text-embedding-3-large', state, tpm: 1000, remainingTokens: 20_000 },
        ],
      })),
  ),
  spilledIn: {
    2: [
      { fromPriority: 1, cause: 'slow', requestsPerSecond: 5.6 },
      { fromPriority: 1, cause: 'throttled', requestsPerSecond: 2.4 },
    ],
    3: [{ fromPriority: 1, cause: 'utilization', requestsPerSecond: 1 }],
  },
  totals: { client429s: 12_345, client5xx: 2, refusedPerSecond: 1.5 },
  process: { waiting: { interactive: 1, standard: 2, batch: 3 } },
  failovers: Array.from({ length: 20 }, (_, place) => ({
    deployment: 'gpt-4o-mini-2024-07-18-with-a-long-name',
    from: 'openai-production-throttled-a-with-a-name-that-is-long',
    reason: 'connecting timed out',
    to: 'openai-production-available-a-with-a-name-that-is-long',
    count: place + 1,
    sinceMs: 60_000 + place,
    agoMs: place * 1000,
  })),
  events: Array.from({ length: 8 }, (_, place) => ({
    agoMs: place * 1000,
    backend: 'openai-production-throttled-a-with-a-name-that-is-long',
    from: 'available' as const,
    to: 'throttled' as const,
    why: '429',
  })),
};

export { makeSnapshot, type Scene };
