import { makeSnapshot, type Scene } from '../../../../dashboard/src/testing/make-snapshot.ts';

/** Both backends of priority 1 are throttled, and the requests that they cannot serve spill. */
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

/** Four backends side by side, with latencies of large models. */
export const slow: Scene = {
  backends: ['eastus', 'swedencentral', 'westeurope', 'northcentralus'].map((name) => ({
    name,
    inFlight: 120,
    requestsPerSecond: 20,
    deployments: [{ name: 'gpt-4o', p50Ms: 620, p95Ms: 1500, absorbed429s: 12_000 }],
  })),
};

/** Some clients, of which two have spent their own budgets while all backends are available. */
export const budgeted: Scene = {
  totals: { client429s: 12, overBudget: { refusedPerSecond: 1.2, clients: 2, client429s: 12 } },
  clients: [
    {
      name: 'nightly-batch',
      inFlight: 2,
      rpm: 40,
      refused: 12,
      overBudget: 10,
      limits: [
        { limit: 'tokens', limitValue: 60_000, used: 60_400, resetInMs: 32_000 },
        { limit: 'month', limitValue: 2_000_000, used: 1_200_000, resetInMs: 90_000_000 },
      ],
    },
    {
      name: 'chat',
      inFlight: 3,
      rpm: 25,
      refused: 2,
      overBudget: 2,
      limits: [
        {
          limit: 'requests',
          deployments: ['gpt-4o', 'مرحبا بالعالم', 'o3'],
          deploymentsLeftOut: 2,
          limitValue: 60,
          used: 58,
          resetInMs: 500,
        },
        { limit: 'concurrent', limitValue: 5, used: 3 },
      ],
    },
    { name: 'internal-tool', rpm: 3 },
  ],
};

/** As many clients as a snapshot has, with as many limits, and long names. */
export const manyClients: Scene = {
  clients: Array.from({ length: 50 }, (_, place) => ({
    name: `team-${place}-`.padEnd(64, 'x'),
    inFlight: 1000,
    rpm: 100_000,
    refused: 99_999,
    overBudget: 99_999,
    limits: (['tokens', 'requests', 'concurrent', 'day', 'month', 'tokens'] as const).map((limit) => ({
      limit,
      deployments: Array.from({ length: 3 }, (_, at) => `${at}`.padEnd(64, 'y')),
      deploymentsLeftOut: 97,
      limitValue: 1_000_000_000,
      used: 999_000_000,
      resetInMs: 2_000_000_000,
    })),
    limitsLeftOut: 30,
  })),
  clientsLeftOut: 950,
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
  totals: {
    client429s: 12_345,
    client5xx: 2,
    refusedPerSecond: 1.5,
    overBudget: { refusedPerSecond: 3, clients: 50, client429s: 11_000 },
  },
  clients: manyClients.clients?.slice(0, 4) ?? [],
  clientsLeftOut: 996,
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
