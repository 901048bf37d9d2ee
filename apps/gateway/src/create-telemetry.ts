import type { OperatorCounts } from './admin/start-admin.ts';
import type { AzureBackend } from './backend/azure-backend.ts';
import type { Config } from './config/schema.ts';
import type { MemoryMeter } from './overload/memory-meter.ts';
import { createAccessLog } from './telemetry/access-log.ts';
import { EscapedErrors } from './telemetry/escaped-errors.ts';
import { LiveTraffic } from './telemetry/live/live-traffic.ts';
import type { Log } from './telemetry/log.ts';
import { Registry } from './telemetry/metrics/registry.ts';
import { RequestMetrics } from './telemetry/metrics/request-metrics.ts';
import { ConventionMetrics } from './telemetry/otlp/convention-metrics.ts';
import type { Otlp } from './telemetry/otlp/start-otlp.ts';
import { RefusalCounts } from './telemetry/refusal-counts.ts';

/** Makes what takes the records of requests, and what is counted besides. */
export function createTelemetry(
  { admin, clients = [], priorityClasses, logSuccesses }: Config,
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
    admin === false && pushed === undefined
      ? undefined
      : createCounts(backends, namesOf(clients), pushed?.registry);
  const accessLog = createAccessLog(log, logSuccesses, priorityClasses?.default);
  return {
    counts,
    otlp,
    memoryLimitBytes: limitBytes,
    wantsUsage: counts !== undefined || otlp.sinks.length > 0,
    sinks: [
      refusals,
      accessLog,
      ...(counts === undefined ? [] : [counts.traffic, counts.requests]),
      ...otlp.sinks,
      ...(pushed === undefined ? [] : [pushed]),
    ],
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

function namesOf(clients: readonly { readonly name: string }[]): readonly string[] {
  return clients.map(({ name }) => name);
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
