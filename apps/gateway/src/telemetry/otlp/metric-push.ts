import { performance } from 'node:perf_hooks';
import type { HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider, PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { version } from '../../version.ts';
import type { CollectedMetrics } from '../metrics/exposition.ts';
import type { ExportWatch } from './export-watch.ts';
import { metricDataOf } from './metric-data.ts';
import type { OtlpNumbers } from './otlp-numbers.ts';
import type { Protocol } from './otlp-settings.ts';
import type * as otelSdk from './otel-sdk.ts';

type Sdk = typeof otelSdk;

/** The sender of metrics, and what watches its results. */
interface MetricSource {
  readonly sdk: Sdk;
  readonly resource: Resource;
  readonly watch: ExportWatch<ResourceMetrics>;
}

/** Pushes the current metrics periodically. */
export function pushMetrics(
  { sdk, resource, watch }: MetricSource,
  protocol: Protocol,
  { metricIntervalMs, metricTimeoutMs, answerTimeoutMs }: OtlpNumbers,
  collect: () => CollectedMetrics,
): MeterProvider {
  const scope = { name: 'spillway', version };
  const startTime = hrTimeOf(performance.timeOrigin);
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: watch.watch(exporterOf(sdk, protocol, answerTimeoutMs.metrics)),
    exportIntervalMillis: metricIntervalMs,
    exportTimeoutMillis: Math.min(metricTimeoutMs, metricIntervalMs),
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

function exporterOf(sdk: Sdk, protocol: Protocol, timeoutMillis: number): PushMetricExporter {
  switch (protocol) {
    case 'grpc':
      return new sdk.GrpcMetricExporter({ timeoutMillis });
    case 'http/json':
      return new sdk.JsonMetricExporter({ timeoutMillis });
    case 'http/protobuf':
      return new sdk.ProtobufMetricExporter({ timeoutMillis });
  }
}

function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
