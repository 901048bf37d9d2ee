import { onHangup } from '../hangup.ts';
import { ConfigError } from '../config/config-error.ts';
import { describeListenError } from '../config/listen-error.ts';
import { type LoadedConfig, readConfig } from '../config/load.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { bareOtelVariables } from '../telemetry/otlp/otel-variables.ts';
import { LogWriter } from '../telemetry/log-writer.ts';

/** How long the last log lines may take: without progress, and in all. */
const FLUSH = { stalledMs: 1000, maxMs: 5000 };

const destination = new LogWriter(process.stdout.fd);
/** Holds the gateway, once it runs. */
const running: { gateway?: Gateway } = {};
let isEnding = false;

/** Starts the gateway, which then runs until a signal ends the process. */
export async function run(): Promise<undefined> {
  process.on('SIGTERM', () => end(0));
  // At a keyboard there is no load balancer to wait for.
  process.on('SIGINT', () => end(0, 0));
  process.on('uncaughtException', noteEscaped);
  process.on('unhandledRejection', noteEscaped);
  bareOtelVariables(process.env);
  const gateway = (running.gateway = await start(configure()));
  onHangup(() => void gateway.reload('SIGHUP'));
}

/** Ends the process when everything is done; the second time, or before the start is complete, at once. */
function end(code: number, lameDuckMs?: number): void {
  const { gateway } = running;
  if (isEnding) return process.exit(1);
  if (gateway === undefined) return process.exit(code);
  isEnding = true;
  gateway
    .stop(lameDuckMs)
    .then(() => destination.flush(FLUSH))
    .then(() => process.exit(code), exitWith);
}

/** One request's error must not end the others. If errors pile up, nothing can be relied on any more. */
function noteEscaped(error: unknown): void {
  const { gateway } = running;
  if (gateway === undefined) return exitWith(error);
  if (gateway.noteEscapedError(error) && !isEnding) end(1);
}

function configure(): LoadedConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    return exitWith(error);
  }
}

function start({ config, warnings, source, placeOf }: LoadedConfig): Promise<Gateway> {
  return startGateway(config, destination, warnings, process.env, source).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === undefined) return exitWith(error);
      return exitWith(new ConfigError([describeListenError(error, config, placeOf)]));
    },
  );
}

function exitWith(error: unknown): never {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
}
