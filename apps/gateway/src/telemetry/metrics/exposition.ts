import type { Metric } from './metric.ts';
import type { Family } from './registry.ts';
import { Counter, type Histogram } from './series.ts';

/** The values of a metric at one moment, by rendered labels. */
export interface Reading {
  readonly metric: Metric;
  readonly values: ReadonlyMap<string, number>;
}

/** All metrics at one moment: those that are counted, and those that are read. */
export interface CollectedMetrics {
  readonly families: readonly Family[];
  readonly readings: readonly Reading[];
}

/** The formats that metrics are read in, and the exact `Content-Type` of each: Prometheus 3 takes no other. */
export const formats = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;

export type Format = keyof typeof formats;

/** Renders metrics in Prometheus' text format 0.0.4, or in OpenMetrics 1.0. */
export function renderMetrics(
  families: readonly Family[],
  readings: readonly Reading[],
  format: Format,
): string {
  let text = '';
  for (const { metric, series } of families) {
    text += renderHead(metric, format);
    for (const [labels, one] of series)
      text +=
        one instanceof Counter
          ? renderSample(totalOf(metric.name), labels, one.value)
          : renderHistogram(metric, labels, one);
  }
  for (const { metric, values } of readings) {
    if (values.size === 0) continue;
    text += renderHead(metric, format);
    const name = metric.type === 'counter' ? totalOf(metric.name) : metric.name;
    for (const [labels, value] of values) text += renderSample(name, labels, value);
  }
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

/** OpenMetrics names a counter without its suffix, the older format with it. */
function renderHead({ name, type, help }: Metric, format: Format): string {
  const shown = type === 'counter' && format === 'prometheus' ? totalOf(name) : name;
  return `# HELP ${shown} ${help}\n# TYPE ${shown} ${type}\n`;
}

function renderHistogram({ name, buckets = [] }: Metric, labels: string, { counts, sum }: Histogram): string {
  const before = labels === '' ? '' : `${labels},`;
  let text = '';
  let count = 0;
  for (const [place, ofBucket] of counts.entries()) {
    count += ofBucket;
    text += `${name}_bucket{${before}le="${renderBound(buckets[place])}"} ${count}\n`;
  }
  return text + renderSample(`${name}_sum`, labels, sum) + renderSample(`${name}_count`, labels, count);
}

function renderSample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** As floating-point numbers, which OpenMetrics demands and the older format does not mind. */
function renderBound(bound: number | undefined): string {
  if (bound === undefined) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function totalOf(name: string): string {
  return `${name}_total`;
}
