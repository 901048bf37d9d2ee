import { createHash } from 'node:crypto';
import { startGateway } from '../../process/start-gateway.ts';
import type { RunningProcess } from '../../process/start-process.ts';

const numbered = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

/** The deployments that every backend has, and the keys of its clients. */
export const wide = { deployments: numbered(6, 'model'), keys: numbered(10, 'key') };

/** Starts a gateway with many backends, deployments and clients, so that it has many series. */
export function startWideGateway(backendUrl: string, cpu: number | undefined): Promise<RunningProcess> {
  const deployments = Object.fromEntries(wide.deployments.map((name) => [name, name]));
  const backends = numbered(4, 'backend').map((name, index) => ({
    name,
    url: `${backendUrl}/${name}`,
    apiKey: 'backend-key',
    priority: 1 + (index % 2),
    deployments,
  }));
  const clients = wide.keys.map((key) => ({
    name: `client-of-${key}`,
    keys: [{ sha256: createHash('sha256').update(key).digest('hex') }],
    budgets: [{ tpm: 1_000_000_000, rpm: 100_000_000 }],
  }));
  return startGateway([], { cpu, settings: { backends, clients } });
}
