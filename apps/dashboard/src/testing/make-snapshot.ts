import type {
  BackendSnapshot,
  ClientSnapshot,
  DeploymentSnapshotState,
  GroupState,
  NotShown,
  StateSnapshot,
  StateWord,
} from '../admin-types.ts';

/** A backend of a made-up snapshot: omitted values are those of a healthy one. */
export interface BackendScene {
  readonly name: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly tags?: string[];
  readonly servesAllAs?: string;
  readonly state?: StateWord;
  readonly why?: string;
  readonly recoversInMs?: number;
  readonly requestsPerSecond?: number;
  readonly inFlight?: number;
  readonly brokenOffPerSecond?: number;
  readonly deploymentsLeftOut?: number;
  readonly notShown?: Partial<NotShown>;
  readonly deployments?: readonly (Partial<DeploymentSnapshotState> & { readonly name: string })[];
}

/** A client of a made-up snapshot: omitted values are those of an idle one. */
type ClientScene = Partial<ClientSnapshot> & { readonly name: string };

/** A made-up snapshot: of three backends in two priorities, unless others are given. */
export interface Scene {
  readonly backends?: readonly BackendScene[];
  readonly spilledIn?: Readonly<Record<number, GroupState['spilledIn']>>;
  readonly spilledAgoMs?: Readonly<Record<number, number>>;
  readonly totals?: Partial<StateSnapshot['totals']>;
  readonly process?: Partial<StateSnapshot['process']>;
  readonly clients?: readonly ClientScene[];
  readonly clientsLeftOut?: number;
  readonly clientTags?: string[][];
  readonly largestClient?: StateSnapshot['largestClient'];
  readonly failovers?: StateSnapshot['failovers'];
  readonly events?: StateSnapshot['events'];
  readonly atMs?: number;
  readonly version?: string;
}

const THREE: readonly BackendScene[] = [
  { name: 'eastus', requestsPerSecond: 4.1, inFlight: 3 },
  { name: 'swedencentral', requestsPerSecond: 3.9, inFlight: 2 },
  { name: 'westeurope', priority: 2 },
];

export function makeSnapshot(scene: Scene = {}): StateSnapshot {
  const backends = (scene.backends ?? THREE).map(makeBackend);
  const requestsPerSecond = backends.reduce((sum, backend) => sum + backend.rps, 0);
  return {
    version: scene.version ?? '0.1.0',
    atMs: scene.atMs ?? 1_790_000_000_000,
    process: {
      uptimeMs: 273_600_000,
      isStopping: false,
      isConfigurationRefused: false,
      inFlight: backends.reduce((sum, { inFlight }) => sum + inFlight, 0),
      connections: 24,
      residentBytes: 96_000_000,
      memoryLimitBytes: 2_000_000_000,
      eventLoopDelayP99Ms: 1.2,
      eventLoopDelayMaxMs: 4,
      escapedErrors: 0,
      droppedLogLines: 0,
      ...scene.process,
    },
    totals: {
      requestsPerSecond,
      refusedPerSecond: 0,
      tokensPerMinute: Math.round(requestsPerSecond * 60 * 190),
      ofKnownLimits: {
        tokensPerMinute: Math.round(requestsPerSecond * 60 * 190),
        limitTokens: Math.max(1, backends.length) * 80_000,
      },
      client429s: 0,
      client5xx: 0,
      ...(requestsPerSecond > 0 && { overheadP99Ms: 0.42, firstByteP95Ms: 612 }),
      ...scene.totals,
    },
    groups: [...new Set(backends.map(({ priority }) => priority))].map((priority) => ({
      priority,
      requestsPerSecond: backends
        .filter((backend) => backend.priority === priority)
        .reduce((sum, backend) => sum + backend.rps, 0),
      spilledIn: scene.spilledIn?.[priority] ?? [],
      ...(scene.spilledAgoMs?.[priority] !== undefined && { spilledAgoMs: scene.spilledAgoMs[priority] }),
    })),
    backends,
    ...(scene.clients !== undefined && { clients: scene.clients.map(makeClient) }),
    ...(scene.clientsLeftOut !== undefined && { clientsLeftOut: scene.clientsLeftOut }),
    ...(scene.clientTags !== undefined && { clientTags: scene.clientTags }),
    ...(scene.largestClient !== undefined && { largestClient: scene.largestClient }),
    failovers: scene.failovers ?? [],
    events: scene.events ?? [],
  };
}

function makeBackend(scene: BackendScene): BackendSnapshot {
  const { name, state = 'available', why, recoversInMs, requestsPerSecond = 0 } = scene;
  const standing = {
    state,
    ...(why !== undefined && { why }),
    ...(recoversInMs !== undefined && { recoversInMs }),
  };
  const deployments = scene.deployments ?? [{ name: 'gpt-4o', ...standing }];
  return {
    name,
    priority: scene.priority ?? 1,
    weight: scene.weight ?? 1,
    ...(scene.tags !== undefined && { tags: scene.tags }),
    ...(scene.servesAllAs !== undefined && { servesAllAs: scene.servesAllAs }),
    ...standing,
    rps: requestsPerSecond,
    ...(scene.brokenOffPerSecond !== undefined && { brokenOffPerSecond: scene.brokenOffPerSecond }),
    inFlight: scene.inFlight ?? 0,
    deployments: deployments.map((deployment) => makeDeployment(deployment, requestsPerSecond)),
    ...(scene.deploymentsLeftOut !== undefined && { deploymentsLeftOut: scene.deploymentsLeftOut }),
    ...(scene.notShown !== undefined && {
      notShown: { taking: 1, rpm: 0, tpm: 0, absorbed429s: 0, ...scene.notShown },
    }),
  };
}

function makeDeployment(
  deployment: Partial<DeploymentSnapshotState> & { readonly name: string },
  requestsPerSecond: number,
): DeploymentSnapshotState {
  const rpm = Math.round(requestsPerSecond * 60);
  const tpm = rpm * 190;
  return {
    state: 'available',
    rpm,
    tpm,
    absorbed429s: 0,
    ...(rpm > 0 && { p50Ms: 348, p95Ms: 604 }),
    limitTokens: 80_000,
    remainingTokens: Math.max(0, 80_000 - tpm),
    ...deployment,
  };
}

function makeClient(scene: ClientScene): ClientSnapshot {
  return { rpm: 0, refused: 0, overBudget: 0, limits: [], ...scene };
}
