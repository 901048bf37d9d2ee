import { performance } from 'node:perf_hooks';
import { versions } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendPool, type DeploymentSnapshot, type PriorityClass, WaitingRoom } from '@spillway/core';
import type { DestinationStream } from 'pino';
import { type AdminServer, startAdmin } from './admin/start-admin.ts';
import { type AzureBackend, createBackend } from './backend/azure-backend.ts';
import { Credentials } from './backend/credentials/credentials.ts';
import { fetchJson } from './backend/fetch-json.ts';
import { Reconnection } from './backend/reconnection.ts';
import { createClientMemory } from './client/authenticate.ts';
import { authModeOf } from './config/auth-mode.ts';
import type { Environment } from './config/environment.ts';
import { isLoopback } from './config/loopback.ts';
import { poolOptionsOf } from './config/pool-settings.ts';
import type { Config } from './config/schema.ts';
import { createTelemetry } from './create-telemetry.ts';
import { DescriptorWatch } from './overload/descriptor-watch.ts';
import { createLoad } from './overload/create-load.ts';
import type { Load } from './overload/load.ts';
import type { MemoryMeter } from './overload/memory-meter.ts';
import { EmbeddedOwners } from './ownership/owner-store.ts';
import { createMeterMemory } from './proxy/meter-of.ts';
import { createProxySession } from './proxy/proxy-session.ts';
import { type ConfiguredParts, createRuntime, type MeterOf, type Runtime } from './proxy/runtime.ts';
import { TimerAlarm } from './proxy/timer-alarm.ts';
import { createApp } from './server/app.ts';
import { createEarlyRefusals } from './server/early-refusals.ts';
import { listen, type ListeningServer } from './server/listen.ts';
import { createRequestIds } from './telemetry/exchange.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { startOtlp } from './telemetry/otlp/start-otlp.ts';
import { createStateLog } from './telemetry/state-log.ts';

/** A gateway that listens. */
export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where operators reach it, such as `http://127.0.0.1:8090`; undefined if they do not. */
  readonly adminUrl: string | undefined;
  /** Answers how every backend stands for a deployment; without one, as a whole. */
  snapshots(deployment?: string): readonly DeploymentSnapshot[];
  /** How many requests wait for quota, by class. */
  waiting(): Readonly<Record<PriorityClass, number>>;
  /** How many requests and sessions are under way. */
  inFlight(): number;
  /**
   * Serves on for `lameDuckMs` while `/readyz` answers 503, then takes no new connections, lets running requests finish
   * for `timeouts.shutdownMs`, and cuts off what is left.
   *
   * @param lameDuckMs `timeouts.lameDuckMs` if left out
   */
  stop(lameDuckMs?: number): Promise<void>;
  /** Takes note of an error that nobody has caught. Answers whether there have been too many to go on. */
  noteEscapedError(error: unknown): boolean;
}

/** Where the log goes, and how many of its lines did not get there. */
export type LogDestination = DestinationStream & { readonly droppedLines?: number };

/**
 * Builds a gateway from its configuration and starts it.
 *
 * @param warnings what the log is to say of the configuration
 * @param environment where `OTEL_*` may name a receiver of traces
 * @param meterOf makes the meter of a request whose client has budgets
 * @throws the server's error when the address cannot be listened on
 */
export async function startGateway(
  config: Config,
  logDestination: LogDestination,
  warnings: readonly string[] = [],
  environment: Environment = {},
  meterOf?: MeterOf,
): Promise<Gateway> {
  const log = createWarningLog(config, logDestination, warnings);
  const otlp = await startOtlp(environment, log, versions.node);
  const descriptors = new DescriptorWatch(log);
  const { memory, readAhead, load } = createLoad(config.limits);
  const process = { load, readAhead, log, beginTrace: otlp.beginTrace, ...createOwnParts(log) };
  const credentials = new Credentials(log);
  const backends = createBackends(config, credentials, descriptors);
  const telemetry = createTelemetry(config, backends, log, memory, otlp, nowMs);
  const runtime = createRuntime(process, { ...configure(config, backends, telemetry, log), meterOf });
  const current = () => runtime;

  let stopped: Promise<void> | undefined;
  const isStopping = () => stopped !== undefined;
  const describeProcess = () => ({
    ...describeLoad(server, load),
    ...telemetry.describe(logDestination),
  });
  const app = createApp(current, { isStopping, describeProcess });
  const early = createEarlyRefusals(current);
  const handlers = { ...early, onTrouble: descriptors.note, isStopping, readAhead, log };
  const server = await listen({ app, proxySession: createProxySession(current), ...handlers }, config);
  relieveBy(server, descriptors, memory);
  const reconnection = new Reconnection(runtime.pool, log, nowMs);

  const stop = async (lameDuckMs: number, admin: AdminServer | undefined) => {
    await stopServing(server, runtime, lameDuckMs);
    await Promise.all([admin?.stop(), otlp.stop()]);
    for (const part of [reconnection, credentials, memory, descriptors]) part.stop();
    log.info('stopped');
  };
  const startedAdmin = startAdmin({ ...telemetry, current, isStopping, describeProcess, log }, config);
  const admin = await startedAdmin.catch((error: unknown) =>
    stop(0, undefined).then(() => Promise.reject(error)),
  );
  warnIfOpen(config, log);
  log.info({ url: server.url, admin: admin?.url, backends: backends.map(nameOf) }, 'listening');
  warmUp(backends);
  return {
    url: server.url,
    adminUrl: admin?.url,
    ...reportsOf(runtime),
    stop: (lameDuckMs = config.timeouts.lameDuckMs) => (stopped ??= stop(lameDuckMs, admin)),
    noteEscapedError: telemetry.noteEscapedError,
  };
}

/** Nobody is asked who they are: as confirmed, but not to be forgotten. */
function warnIfOpen(config: Config, log: Log): void {
  if (authModeOf(config) === 'open' && !isLoopback(config.host))
    log.warn(
      { host: config.host },
      'no client is asked who it is: whoever reaches the gateway can spend the quota',
    );
}

/** Makes what a process has, whatever its configuration is. */
function createOwnParts(log: Log) {
  const onFailure = (tenant: string, { message }: Error) =>
    log.warn({ tenant, reason: message }, 'no signing keys from Microsoft Entra ID');
  const clientMemory = createClientMemory({ fetchJson, onFailure });
  return { nowMs, nextId: createRequestIds(), clientMemory, meters: createMeterMemory() };
}

/** Makes the log, which begins with what is hardly meant so in the configuration. */
function createWarningLog(
  { logLevel }: Config,
  destination: LogDestination,
  warnings: readonly string[],
): Log {
  const log = createLog(logLevel, destination);
  for (const warning of warnings) log.warn(`The configuration is hardly meant so: ${warning}`);
  return log;
}

function describeLoad({ connections }: ListeningServer, { inFlight, kept }: Load) {
  return { connections: connections.size, inFlight, keptBytes: kept.total };
}

function relieveBy({ connections }: ListeningServer, watch: DescriptorWatch, memory: MemoryMeter): void {
  watch.relieve = () => connections.closeIdle();
  memory.relieve = () => connections.closeOld();
}

/** What is cut off only has to be recorded. */
const RECORD_MS = 1000;

async function stopServing(
  server: ListeningServer,
  { pool, room, load, config, log }: Runtime,
  lameDuckMs: number,
): Promise<void> {
  log.info('stopping');
  if (lameDuckMs > 0) await sleep(lameDuckMs);
  // They would be cut off in the middle of their answers, and find another gateway at once.
  room?.close();
  await server.drain(config.timeouts.shutdownMs);
  await Promise.race([load.whenIdle(), sleep(RECORD_MS, undefined, { ref: false })]);
  await Promise.all(pool.backends.map(({ dispatcher }) => dispatcher.destroy()));
}

const NOBODY = { interactive: 0, standard: 0, batch: 0 };

/** What others than operators may ask of it while it runs. */
function reportsOf({ pool, room, load }: Runtime): Pick<Gateway, 'snapshots' | 'waiting' | 'inFlight'> {
  return {
    snapshots: (deployment) => pool.snapshots(deployment, nowMs()),
    waiting: () => room?.sizes ?? NOBODY,
    inFlight: () => load.inFlight,
  };
}

function nameOf({ name, priority }: AzureBackend) {
  return { name, priority };
}

function createBackends(
  config: Config,
  credentials: Credentials,
  descriptors: DescriptorWatch,
): AzureBackend[] {
  return config.backends.map((backend) =>
    createBackend(backend, config.timeouts, credentials, descriptors.note),
  );
}

/** Fetches what the first requests would have to wait for; where it cannot be had, the log says so before they come. */
function warmUp(backends: readonly AzureBackend[]): void {
  for (const { credential } of backends)
    if (credential.current() === undefined) credential.fetch().catch(() => {});
}

/** Makes the parts that a configuration determines. */
function configure(
  config: Config,
  backends: readonly AzureBackend[],
  { sinks, wantsUsage }: Pick<ConfiguredParts, 'sinks' | 'wantsUsage'>,
  log: Log,
): ConfiguredParts {
  return {
    config,
    pool: new BackendPool(backends, {
      ...poolOptionsOf(config),
      random: Math.random,
      noteChange: createStateLog(log),
    }),
    room: config.waitingRoom && new WaitingRoom(config.waitingRoom, new TimerAlarm(), nowMs),
    owners: new EmbeddedOwners(config.ownership, nowMs),
    sinks,
    wantsUsage,
  };
}

/** Monotonic, as cooldowns must not move with the wall clock. Imported, as the global is looked up anew at each call. */
function nowMs(): number {
  return performance.now();
}
