import { performance } from 'node:perf_hooks';
import { versions } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentSnapshot, PriorityClass } from '@spillway/core';
import type { ProbeParts } from './admin/probes.ts';
import { type AdminServer, startAdmin } from './admin/start-admin.ts';
import type { AzureBackend } from './backend/azure-backend.ts';
import { Backends } from './backend/backends.ts';
import { Credentials } from './backend/credentials/credentials.ts';
import { fetchJson } from './backend/fetch-json.ts';
import { Reconnection } from './backend/reconnection.ts';
import { createClientMemory } from './client/authenticate.ts';
import { authModeOf } from './config/auth-mode.ts';
import type { ConfigProblem } from './config/config-error.ts';
import type { Environment } from './config/environment.ts';
import type { ConfigSource } from './config/load.ts';
import { isLoopback } from './config/loopback.ts';
import type { Config } from './config/schema.ts';
import { createTelemetry } from './create-telemetry.ts';
import { DescriptorWatch } from './overload/descriptor-watch.ts';
import { createLoad } from './overload/create-load.ts';
import type { Load } from './overload/load.ts';
import type { MemoryMeter } from './overload/memory-meter.ts';
import { createMeterMemory, type MeterOf } from './proxy/meter-of.ts';
import { createProxySession } from './proxy/proxy-session.ts';
import type { Runtime } from './proxy/runtime.ts';
import { Generations } from './reload/generations.ts';
import type { ReloadReport, ReloadTrigger } from './reload/reload-report.ts';
import { Reloader, warnOfMistakes } from './reload/reloader.ts';
import { orStop, restoreState } from './restore-state.ts';
import { createApp } from './server/app.ts';
import { createEarlyRefusals } from './server/early-refusals.ts';
import { listen, type ListeningServer } from './server/listen.ts';
import type { KeptState } from './state/start-state.ts';
import { createRequestIds } from './telemetry/exchange.ts';
import { createLog, type Log, type LogDestination } from './telemetry/log.ts';
import { type Otlp, startOtlp } from './telemetry/otlp/start-otlp.ts';

/** A listening gateway. */
export interface Gateway {
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where operators reach it, such as `http://127.0.0.1:8090`; undefined if there is no listener for them. */
  readonly adminUrl: string | undefined;
  /** Returns the state of every backend for a deployment; without one, of every backend as a whole. */
  snapshots(deployment?: string): readonly DeploymentSnapshot[];
  /** How many requests wait for quota, by class. */
  waiting(): Readonly<Record<PriorityClass, number>>;
  /** How many requests and sessions are under way. */
  inFlight(): number;
  /**
   * Keeps serving for `lameDuckMs` while `/readyz` answers 503. Then takes no new connections, lets running requests
   * finish for `timeouts.shutdownMs`, and cuts off the rest.
   *
   * @param lameDuckMs `timeouts.lameDuckMs` if left out
   */
  stop(lameDuckMs?: number): Promise<void>;
  /** Reads the configuration again, if there is a file, and applies it if it is valid. Never rejects. */
  reload(trigger: ReloadTrigger): Promise<ReloadReport>;
  /** Records an uncaught error. Returns whether there have been too many to go on. */
  noteEscapedError(error: unknown): boolean;
}

/**
 * Builds a gateway from its configuration and starts it.
 *
 * @param warnings probable mistakes in the configuration
 * @param environment where `OTEL_*` may name a receiver of traces
 * @param source the configuration's file, which is then read again whenever it changes
 * @param meterOf creates meters instead of those that clients with budgets have
 * @throws the server's error when the address cannot be listened on
 */
export async function startGateway(
  config: Config,
  logDestination: LogDestination,
  warnings: readonly ConfigProblem[] = [],
  environment: Environment = {},
  source?: ConfigSource,
  meterOf?: MeterOf,
): Promise<Gateway> {
  const log = createWarningLog(config, logDestination, warnings);
  const otlp = await startOtlp(environment, log, versions.node);
  const parts = await createParts(config, log, otlp, meterOf);
  const { current, telemetry, backends, load, state, memory, descriptors } = parts;

  let stopped: Promise<void> | undefined;
  const describeProcess = () => ({
    ...describeLoad(server, load, state),
    ...telemetry.describe(logDestination),
  });
  const looking = { current, isStopping: () => stopped !== undefined, describeProcess };
  const handlers = {
    ...createHandlers(looking),
    onTrouble: descriptors.note,
    readAhead: parts.readAhead,
    log,
  };
  const server: ListeningServer = await orStop(state, listen(handlers, config));
  relieveBy(server, descriptors, memory);
  const apply = createApply(parts.generations, server, log);
  const reloader = new Reloader({ source, started: config, warnings, apply, log });
  const reconnection = new Reconnection(current().pool, log, nowMs);

  const stop = async (lameDuckMs: number, admin: AdminServer | undefined) => {
    await stopServing(server, current(), backends, state, lameDuckMs);
    await Promise.all([admin?.stop(), otlp.stop()]);
    for (const part of [reloader, reconnection, ...parts.toStop]) part.stop();
    log.info('stopped');
  };
  const startedAdmin = startAdmin({ ...telemetry, ...looking, reloader, log }, config);
  const admin = await startedAdmin.catch((error: unknown) =>
    stop(0, undefined).then(() => Promise.reject(error)),
  );
  const { pool } = current();
  log.info({ url: server.url, admin: admin?.url, backends: pool.backends.map(nameOf) }, 'listening');
  warmUp(pool.backends);
  return {
    url: server.url,
    adminUrl: admin?.url,
    ...reportsOf(current, reloader),
    stop: (lameDuckMs = current().config.timeouts.lameDuckMs) => (stopped ??= stop(lameDuckMs, admin)),
    noteEscapedError: telemetry.noteEscapedError,
  };
}

/** Creates the function that applies another configuration. */
function createApply(generations: Generations, server: ListeningServer, log: Log) {
  return (config: Config): void => {
    warmUp(generations.replace(config));
    server.configure(config);
    warnIfOpen(config, log);
  };
}

/** Creates everything that serves requests, before the first can arrive. */
async function createParts(config: Config, log: Log, otlp: Otlp, meterOf: MeterOf | undefined) {
  const descriptors = new DescriptorWatch(log);
  const { memory, readAhead, load } = createLoad(config.limits);
  const process = { load, readAhead, log, beginTrace: otlp.beginTrace, meterOf, ...createOwnParts(log) };
  const credentials = new Credentials(log);
  const backends = new Backends(credentials, descriptors.note);
  const first = backends.prepare(config);
  const telemetry = createTelemetry(config, first.backends, log, memory, otlp, nowMs);
  const { owners, state } = await restoreState(config, telemetry.usage, process);
  const generations = new Generations({ process, backends, telemetry, owners }, config, first);
  credentials.noteNewKey = (backend) => generations.renew(backend);
  const current = () => generations.current;
  const { sessions } = process.clientMemory;
  sessions.watch(() => current().clients);
  const toStop = [sessions, credentials, memory, descriptors];
  const parts = { toStop, descriptors, memory, readAhead, load, backends, telemetry };
  return { ...parts, state, generations, current };
}

/** Warns that clients are not authenticated. That was confirmed in the configuration, but must not be forgotten. */
function warnIfOpen(config: Config, log: Log): void {
  if (authModeOf(config) === 'open' && !isLoopback(config.host))
    log.warn(
      { host: config.host },
      'clients need not authenticate: anyone who reaches the gateway can spend the quota',
    );
}

/** Creates the parts of a process that do not depend on its configuration. */
function createOwnParts(log: Log) {
  const onFailure = (tenant: string, { message }: Error) =>
    log.warn({ tenant, reason: message }, 'no signing keys from Microsoft Entra ID');
  const clientMemory = createClientMemory({ fetchJson, onFailure });
  return { nowMs, nextId: createRequestIds(), clientMemory, meters: createMeterMemory() };
}

/** Creates the handlers of everything that reaches the server. */
function createHandlers({ current, ...probes }: ProbeParts & { readonly current: () => Runtime }) {
  return {
    isStopping: probes.isStopping,
    app: createApp(current, probes),
    proxySession: createProxySession(current),
    ...createEarlyRefusals(current),
  };
}

/** Creates the log. It begins with probable mistakes in the configuration. */
function createWarningLog(
  config: Config,
  destination: LogDestination,
  warnings: readonly ConfigProblem[],
): Log {
  const log = createLog(config.logLevel, destination);
  warnIfOpen(config, log);
  warnOfMistakes(warnings, log);
  return log;
}

function describeLoad({ connections }: ListeningServer, { inFlight, kept }: Load, state?: KeptState) {
  const isStateKept = state?.isKept;
  return { connections: connections.size, inFlight, keptBytes: kept.total, isStateKept };
}

function relieveBy({ connections }: ListeningServer, watch: DescriptorWatch, memory: MemoryMeter): void {
  watch.relieve = () => connections.closeIdle();
  memory.relieve = () => connections.closeOld();
}

/** A request that is cut off only has to be recorded. */
const RECORD_MS = 1000;

async function stopServing(
  server: ListeningServer,
  { room, load, config, log }: Runtime,
  backends: Backends,
  state: KeptState | undefined,
  lameDuckMs: number,
): Promise<void> {
  log.info('stopping');
  if (lameDuckMs > 0) await sleep(lameDuckMs);
  // Waiting requests would be cut off in the middle of their responses. Refused now, they find another gateway at once.
  room?.close();
  await server.drain(config.timeouts.shutdownMs);
  await Promise.race([load.whenIdle(), sleep(RECORD_MS, undefined, { ref: false })]);
  await backends.destroy();
  await state?.stop();
}

const NOBODY = { interactive: 0, standard: 0, batch: 0 };

/** The parts of `Gateway` that show its state or reload it, for callers other than operators. */
function reportsOf(
  current: () => Runtime,
  reloader: Reloader,
): Pick<Gateway, 'snapshots' | 'waiting' | 'inFlight' | 'reload'> {
  return {
    snapshots: (deployment) => current().pool.snapshots(deployment, nowMs()),
    waiting: () => current().room?.sizes ?? NOBODY,
    inFlight: () => current().load.inFlight,
    reload: (trigger) => reloader.reload(trigger),
  };
}

function nameOf({ name, priority }: AzureBackend) {
  return { name, priority };
}

/** Fetches credentials that the first requests would wait for. If one cannot be had, the log says so beforehand. */
function warmUp(backends: readonly AzureBackend[]): void {
  for (const { credential } of backends)
    if (credential.current() === undefined) credential.fetch().catch(() => {});
}

/**
 * Monotonic, as cooldowns must not move with the wall clock. Imported, as the global is looked up again at each call.
 */
function nowMs(): number {
  return performance.now();
}
