import type { NoteChange, PriorityClass } from '@spillway/core';
import type { OperatorCounts } from './admin/start-admin.ts';
import type { AzureBackend } from './backend/azure-backend.ts';
import type { Config } from './config/schema.ts';
import type { MemoryMeter } from './overload/memory-meter.ts';
import { createAccessLog } from './telemetry/access-log.ts';
import { EscapedErrors } from './telemetry/escaped-errors.ts';
import type { Exchange, Sink } from './telemetry/exchange.ts';
import { LiveTraffic } from './telemetry/live/live-traffic.ts';
import type { Log } from './telemetry/log.ts';
import { DeploymentNames } from './telemetry/metrics/deployment-names.ts';
import { Registry } from './telemetry/metrics/registry.ts';
import { RequestMetrics } from './telemetry/metrics/request-metrics.ts';
import { ConventionMetrics } from './telemetry/otlp/convention-metrics.ts';
import type { Otlp } from './telemetry/otlp/start-otlp.ts';
import { createStateLog } from './telemetry/state-log.ts';
import { UsageHistory } from './telemetry/usage/usage-history.ts';

/** Creates the consumers of request records and the other counters. */
export function createTelemetry(
  config: Config,
  backends: readonly AzureBackend[],
  log: Log,
  { limitBytes }: MemoryMeter,
  otlp: Otlp,
  nowMs: () => number,
) {
  const refusals = new RefusalCounts();
  const escaped = new EscapedErrors();
  const names = new DeploymentNames(backends);
  names.allow(namesOfClients(config));
  const pushed = otlp.sendMetrics && new ConventionMetrics(names);
  const { counts, usage } = createHistory(config, backends, names, pushed);
  const lasting = [counts?.traffic, counts?.requests, usage, ...otlp.sinks, pushed];
  const sinks = lasting.filter((sink) => sink !== undefined);
  const accessLogOf = rememberLast((level, share, usual) => {
    log.level = level;
    return createAccessLog(log, share, usual);
  });
  return {
    counts,
    usage,
    otlp,
    memoryLimitBytes: limitBytes,
    noteChange: createNoteChange(log, counts, nowMs),
    wantsUsage: counts !== undefined || usage !== undefined || otlp.sinks.length > 0,
    /** Returns the sinks of a configuration. All but the log are the previous configuration's. */
    sinksFor: ({ logLevel, logSuccesses, priorityClasses }: Config): Sink[] => [
      refusals,
      accessLogOf(logLevel, logSuccesses, priorityClasses?.default),
      ...sinks,
    ],
    /** Begins the series of backends and clients that a new configuration adds. */
    begin(added: readonly AzureBackend[], config: Pick<Config, 'clients' | 'fallbacks'>): void {
      names.allow(namesOfClients(config));
      beginConfigured(counts, config);
      names.add(added);
      counts?.requests.add(added);
    },
    describe: ({ droppedLines = 0 }: { readonly droppedLines?: number }) => ({
      droppedLogLines: droppedLines,
      refused: refusals.byStatus,
      escapedErrors: escaped.count,
      droppedSpans: otlp.droppedSpans,
    }),
    noteEscapedError(error: unknown): boolean {
      log.error(error, 'an error escaped');
      return escaped.note(nowMs());
    },
  };
}

/** Counts the requests that were refused before any backend was asked, by the client's status. */
class RefusalCounts implements Sink {
  readonly byStatus: Record<number, number> = {};

  record({ status, isOwnRefusal }: Exchange): void {
    if (isOwnRefusal) this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
  }
}

/** Creates the function that shows each change of state to operators: in the log, and on their page. */
function createNoteChange(log: Log, counts: OperatorCounts | undefined, nowMs: () => number): NoteChange {
  const writeLine = createStateLog(log);
  return (change) => {
    writeLine(change);
    counts?.traffic.changes.note(change, nowMs());
  };
}

/** Creates the counters for operators and the usage history, each only if somebody can see it. */
function createHistory(
  config: Config,
  backends: readonly AzureBackend[],
  names: DeploymentNames,
  pushed: OperatorCounts['conventions'],
) {
  const clients = (config.clients ?? []).map(({ name }) => name);
  const isCounted = config.admin !== false || pushed !== undefined;
  const counts = isCounted ? createCounts(backends, names, clients, pushed) : undefined;
  beginConfigured(counts, config);
  const isKept = config.admin !== false || config.state !== undefined;
  return { counts, usage: isKept ? new UsageHistory(names, Date.now) : undefined };
}

/** Returns the deployment names that clients and fallbacks use in the configuration. */
function namesOfClients({ clients = [], fallbacks = [] }: Pick<Config, 'clients' | 'fallbacks'>): string[] {
  return [
    ...clients.flatMap(({ deployments = [], budgets }) => [
      ...deployments,
      ...budgets.flatMap((budget) => budget.deployments ?? []),
    ]),
    ...fallbacks.flatMap(({ deployment, whenSpent, whenTooLong }) =>
      [deployment, whenSpent, whenTooLong].filter((name) => name !== undefined),
    ),
  ];
}

/** Begins the series of a configuration’s clients, and of its deployments that have fallbacks. */
function beginConfigured(
  counts: OperatorCounts | undefined,
  { clients = [], fallbacks = [] }: Pick<Config, 'clients' | 'fallbacks'>,
): void {
  counts?.requests.addClients(clients.map(({ name }) => name));
  counts?.requests.fallbacks.begin(fallbacks.map(({ deployment }) => deployment));
}

type AccessLogParameters = [level: string, share: number, usual: PriorityClass | undefined];

/** Creates a new sink only if its parameters changed, as the log counts the successes that it has left out. */
function rememberLast(make: (...parameters: AccessLogParameters) => Sink) {
  let last: { readonly parameters: AccessLogParameters; readonly sink: Sink } | undefined;
  return (...parameters: AccessLogParameters): Sink => {
    if (!parameters.every((one, place) => last?.parameters[place] === one) || last === undefined)
      last = { parameters, sink: make(...parameters) };
    return last.sink;
  };
}

function createCounts(
  backends: readonly AzureBackend[],
  names: DeploymentNames,
  clients: readonly string[],
  conventions: OperatorCounts['conventions'],
): OperatorCounts {
  const registry = new Registry();
  return {
    traffic: new LiveTraffic(),
    registry,
    requests: new RequestMetrics(registry, names, backends, clients),
    conventions,
  };
}
