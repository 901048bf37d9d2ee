import { ConfigError } from './config/config-error.ts';
import { loadConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { LogWriter } from './telemetry/log-writer.ts';

const destination = new LogWriter(process.stdout.fd);
const config = configure();
const gateway = await start(config);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    // A second signal is not caught any more: whoever cannot wait can have it at once.
    gateway
      .stop()
      .then(() => destination.flush())
      .then(() => process.exit(0), exitWith);
  });
}

function configure(): Config {
  try {
    return loadConfig(process.env);
  } catch (error) {
    return exitWith(error);
  }
}

function start(config: Config): Promise<Gateway> {
  return startGateway(config, destination).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'listen') return exitWith(error);
    return exitWith(new ConfigError([listenProblem(error, config)]));
  });
}

function listenProblem({ code }: NodeJS.ErrnoException, { host, port }: Config) {
  return {
    key: 'HOST and PORT',
    found: `${host}:${port} (${code})`,
    allowed: 'an address and port that are free',
  };
}

function exitWith(error: unknown): never {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
}
