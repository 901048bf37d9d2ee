import { expect, test } from 'vitest';
import { type BackendScene, makeSnapshot, type Scene } from '../testing/make-snapshot.ts';
import { verdictOf } from './verdict.ts';

const THROTTLED = { state: 'throttled', why: '429' } as const;
const COOLING = { state: 'cooling', why: 'connection refused' } as const;
const BUSY = { name: 'westeurope', priority: 2, requestsPerSecond: 3.8 };

function spilling(...backends: BackendScene[]): Scene {
  return {
    backends: [...backends, BUSY],
    spilledIn: { 2: [{ fromPriority: 1, cause: 'throttled', requestsPerSecond: 3.8 }] },
  };
}

const cases: readonly (readonly [string, Scene, string, string, string])[] = [
  ['all is well', {}, 'serving', 'Serving normally', ''],
  [
    'one of a priority is throttled, and its peer serves',
    {
      backends: [
        { name: 'eastus', ...THROTTLED, recoversInMs: 12_000 },
        { name: 'swedencentral', requestsPerSecond: 8 },
      ],
    },
    'serving',
    'Serving normally',
    'eastus is throttled (429)',
  ],
  [
    'a part spills',
    spilling({ name: 'eastus', ...THROTTLED }, { name: 'swedencentral', requestsPerSecond: 6.2 }),
    'spilling',
    'Spilling: 38 % to priority 2, no client errors',
    'eastus is throttled (429)',
  ],
  [
    'all of a priority is throttled and clients have seen errors',
    {
      ...spilling({ name: 'eastus', ...THROTTLED }, { name: 'swedencentral', ...THROTTLED }),
      totals: { client429s: 12, client5xx: 3 },
    },
    'spilling',
    'Spilling: 100 % to priority 2, clients saw 12 × 429 and 3 × 5xx in 5 min',
    'eastus and swedencentral are throttled (429)',
  ],
  [
    'all requests spill for two causes, whose rounded rates are more than all',
    {
      backends: [
        { name: 'eastus', ...THROTTLED },
        { ...BUSY, requestsPerSecond: 1.5 },
      ],
      spilledIn: {
        2: [
          { fromPriority: 1, cause: 'throttled', requestsPerSecond: 1.5 },
          { fromPriority: 1, cause: 'failing', requestsPerSecond: 0.1 },
        ],
      },
    },
    'spilling',
    'Spilling: 100 % to priority 2, no client errors',
    'eastus is throttled (429)',
  ],
  [
    'requests spill to two priorities',
    {
      backends: [
        { name: 'eastus', state: 'full' },
        { name: 'westeurope', priority: 2, requestsPerSecond: 6 },
        { name: 'japaneast', priority: 3, requestsPerSecond: 2 },
      ],
      spilledIn: {
        2: [{ fromPriority: 1, cause: 'full', requestsPerSecond: 6 }],
        3: [{ fromPriority: 1, cause: 'full', requestsPerSecond: 2 }],
      },
    },
    'spilling',
    'Spilling: 75 % to priority 2, 25 % to priority 3, no client errors',
    'eastus is full: spills',
  ],
  [
    'all quota is spent and clients are refused',
    {
      backends: [
        { name: 'eastus', ...THROTTLED, recoversInMs: 9000 },
        { name: 'westeurope', priority: 2, state: 'full', recoversInMs: 21_000 },
      ],
      totals: { refusedPerSecond: 12, client429s: 40 },
    },
    'refusing',
    'Refusing 12 req/s: all quota is spent, back in 9 s',
    'eastus is throttled (429); westeurope is full: spills',
  ],
  [
    'the last backend fails, and nobody knows until when',
    { backends: [{ name: 'eastus', ...COOLING }], totals: { refusedPerSecond: 0.5 } },
    'refusing',
    'Refusing 0.5 req/s: all backends are out',
    'eastus is cooling (connection refused)',
  ],
  [
    'some are refused though a backend is available',
    { totals: { refusedPerSecond: 2 } },
    'refusing',
    'Refusing 2 req/s: not every request can be served elsewhere',
    '',
  ],
  [
    'all is out and nobody asks',
    { backends: [{ name: 'eastus', ...COOLING, recoversInMs: 30_000 }] },
    'refusing',
    'No backend takes requests: all backends are out, back in 30 s',
    'eastus is cooling (connection refused)',
  ],
  [
    'all are drained',
    { backends: [{ name: 'eastus', state: 'draining' }] },
    'refusing',
    'No backend takes requests: all backends are drained',
    'eastus is drained',
  ],
  [
    'a throttled deployment is the only one of its backend',
    { backends: [{ name: 'eastus', deployments: [{ name: 'gpt-4o', ...THROTTLED, recoversInMs: 5000 }] }] },
    'refusing',
    'No backend takes requests: all quota is spent, back in 5 s',
    'eastus is throttled (429)',
  ],
  ['nobody asks', { backends: [{ name: 'eastus' }] }, 'idle', 'Ready: no requests at the moment', ''],
  [
    'clients saw errors a while ago',
    { totals: { client5xx: 1 } },
    'serving',
    'Serving again: clients saw 1 × 5xx in 5 min',
    '',
  ],
  [
    'one client has spent its own budget, and all else is well',
    { totals: { client429s: 5, overBudget: { refusedPerSecond: 2, clients: 1, client429s: 5 } } },
    'serving',
    'Serving normally, 1 client is over its budget',
    '',
  ],
  [
    'clients were over their budgets minutes ago',
    { totals: { client429s: 5, overBudget: { refusedPerSecond: 0, clients: 0, client429s: 5 } } },
    'serving',
    'Serving normally',
    '',
  ],
  [
    'clients are over their budgets while a backend cools down, and others saw 429s too',
    {
      backends: [
        { name: 'eastus', ...THROTTLED },
        { name: 'swedencentral', requestsPerSecond: 8 },
      ],
      totals: { client429s: 7, overBudget: { refusedPerSecond: 2, clients: 2, client429s: 5 } },
    },
    'serving',
    'Serving again: clients saw 2 × 429 in 5 min, 2 clients are over their budgets',
    'eastus is throttled (429)',
  ],
  [
    'requests are refused while a client is over its budget',
    { totals: { refusedPerSecond: 2, overBudget: { refusedPerSecond: 2, clients: 1, client429s: 5 } } },
    'refusing',
    'Refusing 2 req/s: not every request can be served elsewhere',
    '1 client is over its budget',
  ],
  [
    'many backends cool down for one reason',
    {
      backends: [
        ...['a', 'b', 'c', 'd'].map((name) => ({ name, ...COOLING })),
        { name: 'e', requestsPerSecond: 1 },
      ],
    },
    'serving',
    'Serving normally',
    '4 backends are cooling (connection refused)',
  ],
  [
    'it is stopping',
    { process: { isStopping: true, inFlight: 7 }, totals: { refusedPerSecond: 3 } },
    'refusing',
    'Stopping: requests under way finish, new ones go elsewhere',
    '7 under way',
  ],
];

test.each(cases)('the verdict where %s', (_, scene, tone, text, detail) => {
  expect(verdictOf(makeSnapshot(scene))).toEqual({ tone, text, detail });
});
