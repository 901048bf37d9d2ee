import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeArguments } from './node-arguments.ts';
import { startProcess, type RunningProcess } from './start-process.ts';

/** A backend as the gateway is told about it. */
export interface GatewayBackend {
  readonly name: string;
  readonly url: string;
  readonly priority: number;
}

/** The key that the gateway sends to every backend. */
export const backendKey = 'backend-key';

/** Starts the built gateway before `backends`, on a port of its own. */
export async function startGateway(
  backends: readonly GatewayBackend[],
  cpu?: number,
): Promise<RunningProcess> {
  const program = fileURLToPath(import.meta.resolve('@spillway/gateway/dist/main.js'));
  if (!existsSync(program)) throw new Error('The gateway is not built yet: run `pnpm build` first.');
  const env: NodeJS.ProcessEnv = { ...inheritedEnvironment(), PORT: '0', HOST: '127.0.0.1' };
  for (const [index, backend] of backends.entries()) {
    const prefix = `BACKEND_${index + 1}`;
    env[`${prefix}_NAME`] = backend.name;
    env[`${prefix}_URL`] = backend.url;
    env[`${prefix}_PRIORITY`] = String(backend.priority);
    env[`${prefix}_APIKEY`] = backendKey;
  }
  return startProcess({
    name: 'gateway',
    command: process.execPath,
    args: [...nodeArguments, program],
    env,
    cpu,
  });
}

// Whoever runs this may have a gateway of their own configured in the same shell.
const foreignSetting = /^(BACKEND_|SPILLWAY_|HTTP_TIMEOUT|LOG_LEVEL)/;

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !foreignSetting.test(key)));
}
