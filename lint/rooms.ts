import type { Part } from './hold-order.ts';

const NOTHING_ELSE = ['**', '!./**', '!../**'];
const OTHER_SOURCES = ['**/apps/**', '**/packages/**'];
/** What the tests of load share; each of them stands alone otherwise. */
const SHARED = ['report', 'process'];

/** The whole house, part by part. */
export const parts: readonly Part[] = [
  {
    path: 'packages/core/src',
    refused: [{ group: NOTHING_ELSE, message: 'The core imports nothing but itself.' }],
    rooms: inOrder`backend.ts outcome.ts routing-request.ts attempt.ts
      azure health quota budget selection waiting pool failover index.ts`,
  },
  {
    path: 'packages/simulation/src',
    refused: [
      { group: [...NOTHING_ELSE, '!@spillway/core'], message: 'The simulation knows the core alone.' },
    ],
    rooms: inOrder`figures call.ts random.ts travel.ts event-queue.ts ledgers simulated-backend.ts
      simulated-request.ts request-places.ts engine.ts index.ts`,
  },
  {
    path: 'apps/gateway/src',
    refused: [
      { group: ['undici', 'undici/*'], message: 'undici lives in backend/.', except: ['backend'] },
      {
        group: ['express', 'express/*'],
        message: 'express lives in server/ and admin/.',
        except: ['server', 'admin'],
      },
    ],
    rooms: inOrder`errors.ts methods.ts version.ts hangup.ts
      config headers client telemetry overload body prompt route request connection websocket usage backend
      ownership state response realtime proxy restore-state.ts reload admin create-telemetry.ts server gateway.ts
      what-if commands index.ts main.ts`,
    special: {
      'what-if': {
        knows: ['config'],
        rooms: inOrder`options-help.ts read-configuration.ts log calls quotas read-options.ts result
          replay replay-log.ts run-what-if.ts index.ts`,
      },
    },
  },
  {
    path: 'apps/dashboard/src',
    refused: [
      {
        group: ['@spillway/**', '**/gateway/**', '**/packages/**', '**/mock-openai/**'],
        message: 'The page knows of the gateway only the types in admin-types.ts.',
      },
      {
        group: ['preact', 'preact/**'],
        message: 'Only view/ draws.',
        except: ['view', 'main.tsx'],
      },
      {
        group: ['@preact/**'],
        message: 'words/ and history/ are pure.',
        except: ['feed', 'view', 'main.tsx'],
      },
      { group: ['chart.js'], message: 'Only view/ draws.', except: ['view', 'main.tsx'] },
    ],
    rooms: inOrder`admin-types.ts words history feed view main.tsx`,
    special: {
      'admin-types.ts': {
        refused: [
          {
            group: ['@spillway/**', '**/gateway/**', '!**/gateway/src/admin/snapshot.ts'],
            message: 'The types of the admin API, nothing else.',
          },
        ],
      },
    },
  },
  {
    path: 'apps/mock-openai/src',
    refused: [
      {
        group: ['@spillway/*'],
        message: 'The mock is an independent witness: it may not share our misconceptions.',
      },
    ],
    rooms: inOrder`random.ts http fields azure tokens prompt-cache stored script latency quota calls operations
      options records answer exchange faults serve realtime control mock.ts start-mock.ts index.ts main.ts`,
  },
  {
    path: 'loadtest/src',
    refused: [
      {
        group: ['@spillway/core', '@spillway/*/**', '!@spillway/gateway/dist/main.js', ...OTHER_SOURCES],
        message: 'Only the package entries of the gateway and the mock.',
      },
    ],
    rooms: inOrder`report process scenarios harvest bench mock-bench simulation what-if chaos main.ts`,
    special: {
      report: { knows: [] },
      process: { knows: [] },
      scenarios: { knows: SHARED },
      harvest: {
        knows: SHARED,
        rooms: inOrder`harvest-setup.ts reference load contestants.ts ledger read-arguments.ts help.ts
          run-contestant.ts measure-run.ts report run-harvest.ts`,
      },
      bench: { knows: SHARED, rooms: inOrder`backend contestants measure figures main.ts` },
      'mock-bench': { knows: [...SHARED, 'bench'] },
      simulation: {
        knows: SHARED,
        refused: [
          {
            group: [
              '@spillway/*',
              '!@spillway/core',
              '!@spillway/simulation',
              '@spillway/*/**',
              ...OTHER_SOURCES,
            ],
            message: 'The simulation is of the core alone, in the engine of packages/simulation.',
          },
        ],
        rooms: inOrder`traffic replicas backends result simulate.ts read-options.ts run-simulation.ts main.ts`,
      },
      'what-if': {
        knows: ['report'],
        refused: [
          {
            group: [
              '@spillway/*',
              '!@spillway/gateway',
              '!@spillway/simulation',
              '@spillway/*/**',
              '!@spillway/gateway/what-if',
              ...OTHER_SOURCES,
            ],
            message: "Only the gateway's own replay, and the figures of simulations.",
          },
        ],
      },
      chaos: {
        knows: SHARED,
        rooms: inOrder`chance.ts marker.ts http evidence peers programs run read-options.ts main.ts`,
      },
    },
  },
  {
    path: 'deploy',
    refused: [
      {
        group: [...NOTHING_ELSE, '!@grafana/**'],
        message: "The dashboard is made by Grafana's builder alone.",
      },
      { group: [...OTHER_SOURCES, '**/loadtest/**'], message: 'The dashboard imports nothing of ours.' },
    ],
    rooms: [],
  },
];

/** Returns the names in a list, the lowest room first. */
function inOrder({ raw: [list = ''] }: TemplateStringsArray): string[] {
  return list.split(/\s+/);
}
