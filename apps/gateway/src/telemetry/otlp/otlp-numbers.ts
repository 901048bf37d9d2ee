import type { Environment } from '../../config/environment.ts';
import { type Complain, type NumberRange, readNumber, type Signal, variableOf } from './otel-variables.ts';

/** How many spans wait for how long, and how often metrics are pushed. */
export interface OtlpNumbers {
  /** Spans beyond this number are dropped until the receiver has taken some. */
  readonly maxQueueSize: number;
  readonly maxBatchSize: number;
  readonly spanDelayMs: number;
  readonly spanTimeoutMs: number;
  readonly metricIntervalMs: number;
  readonly metricTimeoutMs: number;
  /** How long a receiver may take to answer. */
  readonly answerTimeoutMs: Readonly<Record<Signal, number>>;
}

/** Node’s longest timer: a longer one would fire at once. */
const MAX_MS = 2_147_483_647;
/** Some gigabytes. */
const MAX_SPANS = 1_000_000;
const USUAL_BATCH = 512;

/** Reads the numbers that the exporters would accept unchecked, and then never end, or end the process. */
export function readOtlpNumbers(env: Environment, complain: Complain): OtlpNumbers {
  const read = (variable: string, range: NumberRange) => readNumber(env, variable, range, complain);
  const readMs = (variable: string, usual: number, min = 1) =>
    read(variable, { min, max: MAX_MS, usual, largest: MAX_MS });
  const answerMs = (signal: Signal) =>
    readMs(variableOf(env, signal, 'TIMEOUT') ?? 'OTEL_EXPORTER_OTLP_TIMEOUT', 10_000);
  const maxQueueSize = read('OTEL_BSP_MAX_QUEUE_SIZE', {
    min: 1,
    max: MAX_SPANS,
    usual: 2048,
    largest: MAX_SPANS,
  });
  return {
    maxQueueSize,
    maxBatchSize: read('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', {
      min: 1,
      max: maxQueueSize,
      usual: Math.min(USUAL_BATCH, maxQueueSize),
      largest: maxQueueSize,
    }),
    spanDelayMs: readMs('OTEL_BSP_SCHEDULE_DELAY', 5000, 0),
    spanTimeoutMs: readMs('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
    metricIntervalMs: readMs('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    metricTimeoutMs: readMs('OTEL_METRIC_EXPORT_TIMEOUT', 30_000),
    answerTimeoutMs: { traces: answerMs('traces'), metrics: answerMs('metrics') },
  };
}
