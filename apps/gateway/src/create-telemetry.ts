import type { PriorityClass } from '@spillway/core';
import type { OperatorCounts } from './admin/start-admin.ts';
import type { AzureBackend } from './backend/azure-backend.ts';
import type { Config } from './config/schema.ts';
import type { MemoryMeter } from './overload/memory-meter.ts';
import { createAccessLog } from './telemetry/access-log.ts';
import { EscapedErrors } from './telemetry/escaped-errors.ts';
import type { Sink } from './telemetry/exchange.ts';
import { LiveTraffic } from './telemetry/live/live-traffic.ts';
import type { Log } from './telemetry/log.ts';
import { DeploymentNames } from './telemetry/metrics/deployment-names.ts';
import { Registry } from './telemetry/metrics/registry.ts';
import { RequestMetrics } from './telemetry/metrics/request-metrics.ts';
import { ConventionMetrics } from './telemetry/otlp/convention-metrics.ts';
import type { Otlp } from './telemetry/otlp/start-otlp.ts';
import { RefusalCounts } from './telemetry/refusal-counts.ts';

/** Makes what takes the records of requests, and what is counted besides. */
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
  const pushed = otlp.sendMetrics && new ConventionMetrics(backends);
  const counts =
    config.admin === false && pushed === undefined
      ? undefined
      : createCounts(backends, namesOf(config), pushed?.registry);
  const names = counts?.requests.names ?? new DeploymentNames(backends);
  // Whoever looks at neither the listener for operators nor a file sees no history.
  const usage =
    config.admin === false && config.state === undefined ? undefined : new UsageHistory(names, Date.now);
  const accessLogOf = rememberLast((level, share, usual) => {
    log.level = level;
    return createAccessLog(log, share, usual);
  });
  return {
    counts,
    otlp,
    memoryLimitBytes: limitBytes,
    wantsUsage: counts !== undefined || usage !== undefined || otlp.sinks.length > 0,
    usage,
    /** Returns the sinks of a configuration: all but the log are those of the one before. */
    sinksFor: ({ logLevel, logSuccesses, priorityClasses }: Config): Sink[] => [
      refusals,
      accessLogOf(logLevel, logSuccesses, priorityClasses?.default),
      ...(counts === undefined ? [] : [counts.traffic, counts.requests]),
      ...(usage === undefined ? [] : [usage]),
      ...otlp.sinks,
      ...(pushed === undefined ? [] : [pushed]),
    ],
    /** Begins the series of backends that come with another configuration. */
    addBackends(added: readonly AzureBackend[]): void {
      counts?.requests.add(added);
      pushed?.add(added);
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

function namesOf({ clients = [] }: Config): readonly string[] {
  return clients.map(({ name }) => name);
}

type AccessLogParameters = [level: string, share: number, usual: PriorityClass | undefined];

/** Makes a sink anew only if it is to be another one, as the log counts on which successes it has left out. */
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
  clients: readonly string[],
  conventions?: Registry,
): OperatorCounts {
  const registry = new Registry();
  return {
    traffic: new LiveTraffic(),
    registry,
    requests: new RequestMetrics(registry, backends, clients),
    conventions,
  };
}
