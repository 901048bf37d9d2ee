import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint, Histogram as HistogramValue, MetricData } from '@opentelemetry/sdk-metrics';
import { parseLabels, type Metric } from '../metrics/metric.ts';
import type { CollectedMetrics } from '../metrics/exposition.ts';
import type { Family } from '../metrics/registry.ts';
import { Counter, type Histogram } from '../metrics/series.ts';
import type * as otelSdk from './otel-sdk.ts';

/** The parts that all points share. */
export interface PointContext {
  readonly sdk: Pick<typeof otelSdk, 'AggregationTemporality' | 'DataPointType' | 'ValueType'>;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** Returns metrics in OpenTelemetry's form. They are cumulative, and a series’ labels are its attributes. */
export function metricDataOf({ families, readings }: CollectedMetrics, context: PointContext): MetricData[] {
  const counted = families
    .filter(({ series }) => series.size > 0)
    .map((family) =>
      family.metric.type === 'histogram' ? histogramOf(family, context) : sumOf(family, context),
    );
  const read = readings
    .filter(({ values }) => values.size > 0)
    .map(({ metric, values }) => numbersOf(metric, values, context));
  return [...counted, ...read];
}

function sumOf({ metric, series }: Family, context: PointContext): MetricData {
  const values = [...series].map(
    ([labels, one]) => [labels, one instanceof Counter ? one.value : 0] as const,
  );
  return numbersOf(metric, new Map(values), context);
}

function numbersOf(metric: Metric, values: ReadonlyMap<string, number>, context: PointContext): MetricData {
  const { DataPointType } = context.sdk;
  const dataPoints = [...values].map(([labels, value]) => pointOf(metric, labels, value, context));
  const common = commonOf(metric, context);
  return metric.type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

function histogramOf({ metric, series }: Family, context: PointContext): MetricData {
  const dataPoints: DataPoint<HistogramValue>[] = [...series].map(([labels, one]) => {
    const { counts: perBucket, sum } = one as Histogram;
    const counts = [...perBucket];
    const count = counts.reduce((total, ofBucket) => total + ofBucket, 0);
    return pointOf(
      metric,
      labels,
      { buckets: { boundaries: [...(metric.buckets ?? [])], counts }, sum, count },
      context,
    );
  });
  return { ...commonOf(metric, context), dataPointType: context.sdk.DataPointType.HISTOGRAM, dataPoints };
}

function pointOf<Value>(
  metric: Metric,
  labels: string,
  value: Value,
  { startTime, endTime }: PointContext,
): DataPoint<Value> {
  return { startTime, endTime, attributes: attributesOf(labels, metric), value };
}

/** A label without a value counts as absent. */
function attributesOf(labels: string, { numbers = [] }: Metric): Attributes {
  const set = Object.entries(parseLabels(labels)).filter(([, value]) => value !== '');
  return Object.fromEntries(
    set.map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
  );
}

function commonOf({ name, help }: Metric, { sdk }: PointContext) {
  return {
    descriptor: { name, description: help, unit: unitOf(name), valueType: sdk.ValueType.DOUBLE },
    aggregationTemporality: sdk.AggregationTemporality.CUMULATIVE,
  };
}

function unitOf(name: string): string {
  if (/(?:_seconds|\.duration)$/.test(name)) return 's';
  if (name.endsWith('_bytes')) return 'By';
  if (name.endsWith('tokens')) return '{token}';
  return name.endsWith('_ratio') ? '1' : '';
}
