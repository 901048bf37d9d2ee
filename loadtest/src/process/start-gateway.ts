import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeArguments } from './node-arguments.ts';
import { scratchFolder, startProcess, type RunningProcess } from './start-process.ts';

/** A backend in the gateway's configuration. */
export interface GatewayBackend {
  readonly name: string;
  readonly url: string;
  readonly priority: number;
  /** Its further settings: variables of the gateway's environment, without their `BACKEND_<n>_`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The key that the gateway sends to every backend. */
export const backendKey = 'backend-key';

interface Settings {
  readonly timeouts?: Readonly<Record<string, number>>;
  readonly [key: string]: unknown;
}

/** No balancer stands in front that would have to notice the stop. */
const noLameDuck = { lameDuckMs: 0 };

/** How many gateways have been started. */
let started = 0;

/** How the gateway is started. */
export interface StartOptions {
  /** The number of the processor to run on; any when absent. */
  readonly cpu?: number | undefined;
  /** The content of its configuration file. */
  readonly settings?: Settings | undefined;
  /** Additional variables of its environment. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** The Node binary that runs it; the one that runs this process when absent. */
  readonly node?: string | undefined;
  /** Node's arguments; those of all measured processes when absent. */
  readonly args?: readonly string[] | undefined;
  /** Its built file; that of this checkout when absent. */
  readonly file?: string | undefined;
}

/** Starts the built gateway in front of `backends`, on a port of its own. */
export async function startGateway(
  backends: readonly GatewayBackend[],
  { cpu, settings = {}, variables, node = process.execPath, args = nodeArguments, file }: StartOptions = {},
): Promise<RunningProcess> {
  const program = file ?? fileURLToPath(import.meta.resolve('@spillway/gateway/dist/main.js'));
  if (!existsSync(program)) throw new Error('The gateway is not built yet: run `pnpm build` first.');
  const env: NodeJS.ProcessEnv = { ...inheritedEnvironment(), PORT: '0', HOST: '127.0.0.1', ADMIN_PORT: '0' };
  for (const [index, backend] of backends.entries()) {
    const prefix = `BACKEND_${index + 1}`;
    env[`${prefix}_NAME`] = backend.name;
    env[`${prefix}_URL`] = backend.url;
    env[`${prefix}_PRIORITY`] = String(backend.priority);
    env[`${prefix}_APIKEY`] = backendKey;
    for (const [name, value] of Object.entries(backend.settings ?? {})) env[`${prefix}_${name}`] = value;
  }
  // A file of its own, as a running gateway reads changes of its file.
  const settingsFile = join(scratchFolder(), `gateway-${(started += 1)}.json`);
  writeFileSync(
    settingsFile,
    JSON.stringify({ ...settings, timeouts: { ...noLameDuck, ...settings.timeouts } }),
  );
  env['SPILLWAY_CONFIG'] = settingsFile;
  Object.assign(env, variables);
  return startProcess({
    name: 'gateway',
    command: node,
    args: [...args, program],
    env,
    cpu,
  });
}

// The shell that runs this may have the variables of another gateway.
const foreignSetting = /^(ADMIN_|BACKEND_|SPILLWAY_|OTEL_|HTTP_TIMEOUT|LOG_LEVEL)/;

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !foreignSetting.test(key)));
}
