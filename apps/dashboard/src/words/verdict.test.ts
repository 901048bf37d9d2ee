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
    'requests have returned, although the rate of the last seconds is of before',
    { ...spilling({ name: 'eastus', requestsPerSecond: 0.2 }), spilledAgoMs: { 2: 3100 } },
    'spilling',
    'Spilled until 3 s ago: 95 % to priority 2, no client errors',
    '',
  ],
  [
    'one request in a second or two spills',
    { ...spilling({ name: 'eastus', requestsPerSecond: 0.2 }), spilledAgoMs: { 2: 1900 } },
    'spilling',
    'Spilling: 95 % to priority 2, no client errors',
    '',
  ],
  [
    'clients are served again, although the rate of the last seconds is of before',
    { totals: { refusedPerSecond: 4.5, brokenOffPerSecond: 1, client429s: 74, hurtAgoMs: 2400 } },
    'refusing',
    'Clients were hurt until 2 s ago: 74 × 429 in 5 min',
    '',
  ],
  [
    'nobody has asked for some seconds, and nobody would be served',
    {
      backends: [{ name: 'eastus', ...THROTTLED, recoversInMs: 8000 }],
      totals: { refusedPerSecond: 4.5, client429s: 74, hurtAgoMs: 2400 },
    },
    'refusing',
    'No backend takes requests: all quota is spent, back in 8 s',
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
    'all backends fail, and the last of them is not taken out',
    {
      backends: [{ name: 'eastus', ...COOLING }, { name: 'swedencentral' }],
      totals: { refusedPerSecond: 2, refusedFor: [{ cause: 'unavailable', requestsPerSecond: 2 }] },
    },
    'refusing',
    'Refusing 2 req/s: the backends that could serve them fail or are out',
    'eastus is cooling (connection refused)',
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
    'one deployment is spent at all that have it, and the others are served',
    {
      backends: [
        {
          name: 'eastus',
          requestsPerSecond: 2,
          deployments: [{ name: 'gpt-4o', state: 'full', recoversInMs: 43_000 }, { name: 'mini' }],
        },
        {
          name: 'swedencentral',
          requestsPerSecond: 2,
          deployments: [{ name: 'GPT-4o', ...THROTTLED, recoversInMs: 50_000 }, { name: 'mini' }],
        },
      ],
      totals: { refusedPerSecond: 2.7, refusedFor: [{ cause: 'throttled', requestsPerSecond: 2.7 }] },
    },
    'refusing',
    'Refusing 2.7 req/s: all quota is spent, back in 43 s, of gpt-4o',
    'gpt-4o at eastus is full: spills; GPT-4o at swedencentral is throttled (429)',
  ],
  [
    'a deployment is out where it is shown, and may be there where it is left out',
    {
      backends: [
        { name: 'eastus', deployments: [{ name: 'gpt-4o', ...THROTTLED }, { name: 'mini' }] },
        { name: 'swedencentral', deployments: [{ name: 'mini' }], deploymentsLeftOut: 3 },
      ],
      totals: { refusedPerSecond: 1, refusedFor: [{ cause: 'throttled', requestsPerSecond: 1 }] },
    },
    'refusing',
    'Refusing 1 req/s: no quota is left for some of them',
    'gpt-4o at eastus is throttled (429)',
  ],
  [
    'one deployment of one backend fails, and its peer serves',
    {
      backends: [
        {
          name: 'eastus',
          requestsPerSecond: 3,
          deployments: [{ name: 'gpt-4o', state: 'cooling', why: '500' }, { name: 'mini' }],
        },
        { name: 'swedencentral', requestsPerSecond: 8 },
      ],
    },
    'serving',
    'Serving normally',
    'gpt-4o at eastus is cooling (500)',
  ],
  [
    'so many deployments are out that some are left out',
    {
      backends: [
        {
          name: 'eastus',
          requestsPerSecond: 3,
          state: 'available',
          deployments: [
            ...['a', 'b', 'c'].map((name) => ({ name, ...COOLING })),
            { name: 'd', ...THROTTLED },
          ],
          deploymentsLeftOut: 20,
        },
        {
          name: 'westeurope',
          requestsPerSecond: 3,
          deployments: [{ name: 'a', ...COOLING }, { name: 'b' }],
        },
      ],
    },
    'serving',
    'Serving normally',
    '4 or more deployments are cooling (connection refused); d at eastus is throttled (429)',
  ],
  [
    'the gateway itself is full',
    { totals: { refusedPerSecond: 5, refusedFor: [{ cause: 'overloaded', requestsPerSecond: 5 }] } },
    'refusing',
    'Refusing 5 req/s: the gateway itself has no room for more',
    '',
  ],
  [
    'the gateway itself is full, and says of what',
    {
      process: { whyRefusing: 'nearly all of its memory is in use' },
      totals: { refusedPerSecond: 5, refusedFor: [{ cause: 'overloaded', requestsPerSecond: 5 }] },
    },
    'refusing',
    'Refusing 5 req/s: the gateway has no room, as nearly all of its memory is in use',
    '',
  ],
  [
    'the gateway itself is full, and nobody asks',
    { process: { whyRefusing: 'nearly all of its memory is in use' }, backends: [{ name: 'eastus' }] },
    'refusing',
    'Taking no requests: nearly all of its memory is in use',
    '',
  ],
  [
    'responses break off',
    {
      backends: [
        { name: 'eastus', requestsPerSecond: 4, brokenOffPerSecond: 1.9 },
        { name: 'swedencentral', requestsPerSecond: 4 },
      ],
      totals: { brokenOffPerSecond: 1.9, clientBrokenOff: 20 },
    },
    'refusing',
    'Responses break off: 1.9/s of eastus',
    '',
  ],
  [
    'requests are refused, and others break off',
    {
      totals: {
        refusedPerSecond: 2,
        refusedFor: [{ cause: 'relayed', requestsPerSecond: 2 }],
        brokenOffPerSecond: 0.1,
        clientBrokenOff: 1,
      },
    },
    'refusing',
    'Refusing 2 req/s: a backend’s own errors are passed on',
    'responses break off: 0.1/s',
  ],
  [
    'responses broke off a while ago',
    { totals: { client429s: 2, client5xx: 1, clientBrokenOff: 20 } },
    'serving',
    'Serving again: clients saw 2 × 429, 1 × 5xx and 20 × broken off in 5 min',
    '',
  ],
  [
    'a backend is silent, so that nothing ends',
    { backends: [{ name: 'eastus', inFlight: 20 }] },
    'idle',
    'Nothing ended in the last 10 s: 20 under way',
    '',
  ],
  [
    'all requests are refused for what they are',
    { totals: { requestsPerSecond: 2, unservedPerSecond: 2 } },
    'idle',
    'Serving nobody: requests are refused as wrong, such as for their key or deployment',
    '',
  ],
  [
    'all clients leave before their answer',
    { totals: { requestsPerSecond: 2, unservedPerSecond: 2, leftPerSecond: 2 } },
    'idle',
    'Serving nobody: clients leave before their answer begins',
    '',
  ],
  [
    'nobody asks but clients that are over their budgets, and one that leaves',
    {
      totals: {
        requestsPerSecond: 2.1,
        unservedPerSecond: 2.1,
        leftPerSecond: 0.1,
        overBudget: { refusedPerSecond: 2, clients: 1, client429s: 5 },
      },
    },
    'idle',
    'Serving nobody: clients are over their budgets, or clients leave before their answer begins',
    '',
  ],
  [
    'some requests are refused for what they are',
    { totals: { requestsPerSecond: 2, unservedPerSecond: 1.9 } },
    'serving',
    'Serving normally',
    '',
  ],
  [
    'requests wait for quota',
    {
      backends: [{ name: 'eastus', state: 'full', recoversInMs: 6000 }],
      process: { inFlight: 39, waiting: { interactive: 1, standard: 38, batch: 0 } },
    },
    'refusing',
    'No backend takes requests: all quota is spent, back in 6 s',
    '39 wait for quota; eastus is full: spills',
  ],
  [
    'fallbacks serve in place of a deployment that is spent',
    { totals: { fallbacksPerSecond: 2.9 } },
    'serving',
    'Serving normally',
    '2.9 req/s are served by fallback deployments',
  ],
  [
    'one client takes most of a quota that is spent',
    {
      largestClient: { name: 'nightly', share: 0.92 },
      totals: { refusedPerSecond: 3, refusedFor: [{ cause: 'throttled', requestsPerSecond: 3 }] },
    },
    'refusing',
    'Refusing 3 req/s: no quota is left for some of them',
    'client nightly takes 92 % of the tokens',
  ],
  [
    'one client takes most of what spills',
    {
      largestClient: { name: 'nightly', share: 0.92 },
      backends: [{ name: 'a' }, { name: 'b', priority: 2, requestsPerSecond: 2 }],
      spilledIn: { 2: [{ fromPriority: 1, cause: 'full', requestsPerSecond: 2 }] },
    },
    'spilling',
    'Spilling: 100 % to priority 2, no client errors',
    'client nightly takes 92 % of the tokens',
  ],
  [
    'one client takes most of the tokens, and there is room for all',
    { largestClient: { name: 'nightly', share: 0.92 } },
    'serving',
    'Serving normally',
    '',
  ],
  [
    'a new configuration was refused',
    { process: { isConfigurationRefused: true } },
    'serving',
    'Serving normally',
    'the new configuration is refused, and the old one in effect',
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
