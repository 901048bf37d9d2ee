import { expect, test } from 'vitest';
import { type OtlpNumbers, readOtlpNumbers } from './otlp-numbers.ts';

const MAX_MS = 2_147_483_647;

function read(env: Readonly<Record<string, string>>) {
  const complaints: string[] = [];
  const numbers = readOtlpNumbers(env, (complaint) => complaints.push(complaint));
  return { numbers, complaints };
}

test('without variables the numbers are those of the specification', () => {
  expect(read({})).toEqual({
    numbers: {
      maxQueueSize: 2048,
      maxBatchSize: 512,
      spanDelayMs: 5000,
      spanTimeoutMs: 30_000,
      metricIntervalMs: 60_000,
      metricTimeoutMs: 30_000,
      answerTimeoutMs: { traces: 10_000, metrics: 10_000 },
    },
    complaints: [],
  });
});

test.each<[variable: string, found: string, used: Partial<OtlpNumbers>]>([
  ['OTEL_METRIC_EXPORT_INTERVAL', '0', { metricIntervalMs: 60_000 }],
  ['OTEL_METRIC_EXPORT_INTERVAL', '-1', { metricIntervalMs: 60_000 }],
  ['OTEL_METRIC_EXPORT_INTERVAL', '99999999999', { metricIntervalMs: MAX_MS }],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '0', { metricTimeoutMs: 30_000 }],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '-1', { metricTimeoutMs: 30_000 }],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0', { maxBatchSize: 512 }],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '-1', { maxBatchSize: 512 }],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0.5', { maxBatchSize: 512 }],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4096', { maxBatchSize: 2048 }],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0', { maxQueueSize: 2048 }],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'many', { maxQueueSize: 2048 }],
  ['OTEL_BSP_SCHEDULE_DELAY', '99999999999', { spanDelayMs: MAX_MS }],
  ['OTEL_BSP_EXPORT_TIMEOUT', 'Infinity', { spanTimeoutMs: MAX_MS }],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '1e12', { answerTimeoutMs: { traces: MAX_MS, metrics: MAX_MS } }],
])('of %s=%s there is a complaint with what is used in its place', (variable, found, used) => {
  const { numbers, complaints } = read({ [variable]: found });
  expect(numbers).toMatchObject(used);
  const [value] = Object.values(used).map((one) => (typeof one === 'object' ? one.traces : one));
  const [complaint] = complaints;
  expect(complaint).toMatch(
    new RegExp(`^${variable} may be a whole number from \\d+ to \\d+; "${found}" is`),
  );
  expect(complaint).toMatch(new RegExp(`and ${value} used$`));
});

test('a signal’s own time limit is the one that counts for it', () => {
  const env = { OTEL_EXPORTER_OTLP_TIMEOUT: '100', OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '200' };
  expect(read(env)).toMatchObject({
    numbers: { answerTimeoutMs: { traces: 100, metrics: 200 } },
    complaints: [],
  });
});

test('a batch is no larger than the queue, of which nothing needs to be said', () => {
  expect(read({ OTEL_BSP_MAX_QUEUE_SIZE: '100' })).toMatchObject({
    numbers: { maxQueueSize: 100, maxBatchSize: 100 },
    complaints: [],
  });
});
