import { performance } from 'node:perf_hooks';
import type { HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { version } from '../../version.ts';
import type { Log } from '../log.ts';
import type { CollectedMetrics } from '../metrics/exposition.ts';
import { ExportWatch } from './export-watch.ts';
import { metricDataOf } from './metric-data.ts';
import type { Protocol } from './otlp-settings.ts';
import type * as otelSdk from './otel-sdk.ts';

type Sdk = typeof otelSdk;

const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** Sends metrics every so often, as they are then. */
export function pushMetrics(
  sdk: Sdk,
  resource: Resource,
  protocol: Protocol,
  log: Log,
  collect: () => CollectedMetrics,
): MeterProvider {
  const intervalMs = sdk.getNumberFromEnv('OTEL_METRIC_EXPORT_INTERVAL') ?? INTERVAL_MS;
  const timeoutMs = sdk.getNumberFromEnv('OTEL_METRIC_EXPORT_TIMEOUT') ?? TIMEOUT_MS;
  // What is not taken now is part of what comes next.
  const watch = new ExportWatch<ResourceMetrics>('metrics', log, () => 0);
  const scope = { name: 'spillway', version };
  const startTime = hrTimeOf(performance.timeOrigin);
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: watch.watch(exporterOf(sdk, protocol)),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(timeoutMs, intervalMs),
    metricProducers: [
      {
        collect: () => {
          const metrics = metricDataOf(collect(), { sdk, startTime, endTime: hrTimeOf(Date.now()) });
          return Promise.resolve({
            resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] },
            errors: [],
          });
        },
      },
    ],
  });
  return new sdk.MeterProvider({ resource, readers: [reader] });
}

function exporterOf(sdk: Sdk, protocol: Protocol): PushMetricExporter {
  switch (protocol) {
    case 'grpc':
      return new sdk.GrpcMetricExporter();
    case 'http/json':
      return new sdk.JsonMetricExporter();
    case 'http/protobuf':
      return new sdk.ProtobufMetricExporter();
  }
}

function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
