import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeArguments } from '../../process/node-arguments.ts';
import type { Pinning } from '../../process/pin-processes.ts';
import { startGateway, type GatewayBackend } from '../../process/start-gateway.ts';
import { startProcess, type RunningProcess } from '../../process/start-process.ts';
import { clientKey } from '../backend/canned-messages.ts';
import type { Issuer } from '../../process/issuer.ts';
import { clientsSettings } from './clients-settings.ts';
import { allOnName, baselineName, clientsName, type Contestant, tokensName } from './contestant.ts';
import { nginxVersion, startNginx } from './start-nginx.ts';

/** Starts the backend behind all contestants. */
export function startCannedBackend(pinning: Pinning): Promise<RunningProcess> {
  return startScript(import.meta.resolve('../backend/canned-backend.ts'), process.env, pinning.backend);
}

/** All features that can be switched on, set so that no request of a benchmark is refused. */
const allOn = {
  waitingRoom: { maxWaitMs: 10_000 },
  priorityClasses: {
    allowHeader: true,
    clients: [
      { key: 'nightly-key', class: 'batch' },
      { key: clientKey, class: 'standard' },
    ],
    reserves: { interactive: 0.1, standard: 0.1 },
  },
};

/** Two backends of provisioned throughput, and two that share one quota and serve when those are full. */
function listOfAllKinds(backendUrl: string): GatewayBackend[] {
  const plenty = '1000000000';
  const provisioned = { SPILL_AT: '0.9', TPM: plenty };
  const payAsYouGo = { TPM: plenty, RPM: '100000000', QUOTA_GROUP: 'shared' };
  return [
    { name: 'ptu-1', url: `${backendUrl}/ptu-1`, priority: 1, settings: provisioned },
    { name: 'ptu-2', url: `${backendUrl}/ptu-2`, priority: 1, settings: provisioned },
    { name: 'payg-1', url: `${backendUrl}/payg-1`, priority: 2, settings: payAsYouGo },
    { name: 'payg-2', url: `${backendUrl}/payg-2`, priority: 2, settings: payAsYouGo },
  ];
}

/** The clients that some of the proxies know. */
export interface BenchPeers {
  /** Where one of them sends traces and metrics. */
  readonly receiverUrl: string;
  /** The issuer whose tokens two of them accept. */
  readonly issuer: Issuer;
}

/** Returns the proxies that can be compared here, each in front of the same backend, with spare ones behind it. */
export function listContestants(
  backendUrl: string,
  { receiverUrl, issuer }: BenchPeers,
  pinning: Pinning,
): Contestant[] {
  const spareUrl = backendUrl.replace('127.0.0.1', 'localhost');
  const gatewayBackends = [
    { name: 'first', url: backendUrl, priority: 1 },
    { name: 'spare', url: spareUrl, priority: 2 },
  ];
  const bareProxy = import.meta.resolve('./bare-proxy.ts');
  const bareEnvironment = { ...process.env, BACKEND_URL: backendUrl };
  const contestants: Contestant[] = [
    { name: 'gateway', start: (args) => startGateway(gatewayBackends, { cpu: pinning.proxy, args }) },
    {
      name: allOnName,
      start: (args) =>
        startGateway(listOfAllKinds(backendUrl), {
          cpu: pinning.proxy,
          settings: allOn,
          // The sampled share of traces is the gateway's own: one in ten.
          variables: { OTEL_EXPORTER_OTLP_ENDPOINT: receiverUrl },
          args,
        }),
    },
    ...listClients(gatewayBackends, issuer, pinning),
    { name: baselineName, start: (args) => startScript(bareProxy, bareEnvironment, pinning.proxy, args) },
  ];
  if (nginxVersion() !== undefined) {
    contestants.push({ name: 'nginx', start: () => startNginx([backendUrl, spareUrl], pinning.proxy) });
  }
  return contestants;
}

/** The gateway with clients, measured once with the key's client and once with the token's. */
function listClients(
  backends: readonly GatewayBackend[],
  issuer: Issuer,
  { proxy: cpu }: Pinning,
): Contestant[] {
  const settings = clientsSettings(issuer);
  const start: Contestant['start'] = (args) => startGateway(backends, { cpu, settings, args });
  const credential = `Authorization: Bearer ${issuer.token}`;
  return [
    { name: clientsName, start, isOfRequests: true },
    { name: tokensName, start, isOfRequests: true, credential },
  ];
}

function startScript(
  script: string,
  env: NodeJS.ProcessEnv,
  cpu: number | undefined,
  args = nodeArguments,
): Promise<RunningProcess> {
  const path = fileURLToPath(script);
  return startProcess({
    name: basename(path, '.ts'),
    command: process.execPath,
    args: [...args, path],
    env,
    cpu,
  });
}
