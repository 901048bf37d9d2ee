import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeArguments } from '../process/node-arguments.ts';
import { startGateway } from '../process/start-gateway.ts';
import { startProcess, type RunningProcess } from '../process/start-process.ts';
import { baselineName, type Contestant } from './contestant.ts';
import type { Pinning } from './pin-processes.ts';
import { nginxVersion, startNginx } from './start-nginx.ts';

/** Starts the backend that all contestants stand before. */
export function startCannedBackend(pinning: Pinning): Promise<RunningProcess> {
  return startScript(import.meta.resolve('./canned-backend.ts'), process.env, pinning.backend);
}

/** Lists the proxies that can be compared here, each before the same two backends, of which the second is spare. */
export function listContestants(backendUrl: string, pinning: Pinning): Contestant[] {
  const spareUrl = backendUrl.replace('127.0.0.1', 'localhost');
  const gatewayBackends = [
    { name: 'first', url: backendUrl, priority: 1 },
    { name: 'spare', url: spareUrl, priority: 2 },
  ];
  const bareProxy = import.meta.resolve('./bare-proxy.ts');
  const bareEnvironment = { ...process.env, BACKEND_URL: backendUrl };
  const contestants: Contestant[] = [
    { name: 'gateway', start: () => startGateway(gatewayBackends, pinning.proxy) },
    { name: baselineName, start: () => startScript(bareProxy, bareEnvironment, pinning.proxy) },
  ];
  if (nginxVersion() !== undefined) {
    contestants.push({ name: 'nginx', start: () => startNginx([backendUrl, spareUrl], pinning.proxy) });
  }
  return contestants;
}

function startScript(
  script: string,
  env: NodeJS.ProcessEnv,
  cpu: number | undefined,
): Promise<RunningProcess> {
  const path = fileURLToPath(script);
  return startProcess({
    name: basename(path, '.ts'),
    command: process.execPath,
    args: [...nodeArguments, path],
    env,
    cpu,
  });
}
