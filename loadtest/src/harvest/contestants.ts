import { fileURLToPath } from 'node:url';
import { nodeArguments } from '../process/node-arguments.ts';
import { backendKey, startGateway } from '../process/start-gateway.ts';
import { startProcess, type RunningProcess } from '../process/start-process.ts';
import { quotaWindows, realMs, waitingRoomMs, type HarvestSetup } from './harvest-setup.ts';
import type { ReferenceArguments } from './reference/reference-proxy.ts';
import type { ReferenceName } from './reference/strategies.ts';

/** A backend in a contestant's configuration. */
interface ContestantBackend {
  readonly name: string;
  readonly url: string;
}

/** The contestants. */
export interface Contestant {
  readonly name: string;
  readonly shows: string;
  /** The loads at which it runs when none is named; all of them when undefined. */
  readonly usualLoads?: readonly number[];
  readonly start: (backends: readonly ContestantBackend[], setup: HarvestSetup) => Promise<RunningProcess>;
}

/** All contestants, in the order in which they run. */
export const contestants: readonly Contestant[] = [
  {
    name: 'spillway',
    shows: 'the built gateway with its defaults',
    start: (backends, setup) => startSpillway(backends, setup, {}),
  },
  {
    name: 'waiting-room',
    shows: `the same, and requests may wait ${waitingRoomMs / 1_000} s for room`,
    usualLoads: [0.9],
    start: (backends, setup) =>
      startSpillway(backends, setup, { waitingRoom: { maxWaitMs: realMs(waitingRoomMs, setup) } }),
  },
  {
    name: 'apim-sample',
    shows: 'the policy of Azure-Samples/openai-apim-lb',
    start: (backends, setup) => startReferenceProcess('apim-sample', backends, setup),
  },
  {
    name: 'round-robin',
    shows: 'one backend after the other',
    start: (backends, setup) => startReferenceProcess('round-robin', backends, setup),
  },
];

/**
 * Starts the gateway with its defaults: only settings that the quota's faster time requires are set, and the additional
 * ones.
 */
function startSpillway(
  backends: readonly ContestantBackend[],
  setup: HarvestSetup,
  added: Readonly<Record<string, unknown>>,
): Promise<RunningProcess> {
  const quota = {
    tokenWindowMs: realMs(quotaWindows.tokenWindowMs, setup),
    requestWindowMs: realMs(quotaWindows.requestWindowMs, setup),
  };
  const ofOnePriority = backends.map((backend) => ({ ...backend, priority: 1 }));
  return startGateway(ofOnePriority, { settings: { ...(setup.timeScale !== 1 && { quota }), ...added } });
}

function startReferenceProcess(
  strategy: ReferenceName,
  backends: readonly ContestantBackend[],
  { timeScale, seed }: HarvestSetup,
): Promise<RunningProcess> {
  const told: ReferenceArguments = {
    strategy,
    backends: backends.map(({ url }) => ({ url, priority: 1 })),
    apiKey: backendKey,
    timeScale,
    seed,
  };
  const script = fileURLToPath(import.meta.resolve('./reference/reference-proxy.ts'));
  return startProcess({
    name: strategy,
    command: process.execPath,
    args: [...nodeArguments, script, JSON.stringify(told)],
  });
}
