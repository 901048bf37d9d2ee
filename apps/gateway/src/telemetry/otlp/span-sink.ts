import { performance } from 'node:perf_hooks';
import type { BatchSpanProcessor, ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Exchange, Sink } from '../exchange.ts';
import type { Log } from '../log.ts';
import { ExportWatch } from './export-watch.ts';
import { SpanMaker, type SpanSource } from './make-spans.ts';
import type { Protocol } from './otlp-settings.ts';
import type * as otelSdk from './otel-sdk.ts';

type Sdk = typeof otelSdk;

/** Spans beyond it are dropped until the receiver has taken some. */
const MAX_WAITING = 2048;

/** Makes spans of the requests that were sampled, when they are over, and sends them. */
export class SpanSink implements Sink {
  readonly #source: SpanSource;
  readonly #processor: BatchSpanProcessor;
  readonly #watch: ExportWatch<ReadableSpan[]>;
  #waiting = 0;
  #dropped = 0;
  readonly #maxWaiting: number;

  constructor(source: SpanSource & { readonly sdk: Sdk }, protocol: Protocol, log: Log) {
    const { sdk } = source;
    this.#source = source;
    this.#watch = new ExportWatch('traces', log, ({ length }) => length);
    this.#maxWaiting = sdk.getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE') ?? MAX_WAITING;
    this.#processor = new sdk.BatchSpanProcessor({
      exporter: this.#counting(this.#watch.watch(exporterOf(sdk, protocol))),
      maxQueueSize: this.#maxWaiting,
      scheduledDelayMillis: sdk.getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY') ?? 5000,
      exportTimeoutMillis: sdk.getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT') ?? 30_000,
      maxExportBatchSize: sdk.getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? 512,
    });
  }

  get dropped(): number {
    return this.#dropped + this.#watch.dropped;
  }

  record(exchange: Exchange): void {
    const { trace } = exchange;
    if (trace === undefined || !trace.isSampled) return;
    const epochMs = Date.now() - performance.now();
    for (const span of new SpanMaker(this.#source, exchange, trace, epochMs).makeAll()) this.#add(span);
  }

  stop(): Promise<void> {
    return this.#processor.shutdown();
  }

  /** The processor would drop it as well, but says to nobody how many. */
  #add(span: ReadableSpan): void {
    if (this.#waiting >= this.#maxWaiting) {
      this.#dropped++;
      return;
    }
    this.#waiting++;
    this.#processor.onEnd(span);
  }

  #counting(exporter: SpanExporter): SpanExporter {
    const send = exporter.export.bind(exporter);
    exporter.export = (spans, done) => {
      this.#waiting -= spans.length;
      send(spans, done);
    };
    return exporter;
  }
}

function exporterOf(sdk: Sdk, protocol: Protocol): SpanExporter {
  switch (protocol) {
    case 'grpc':
      return new sdk.GrpcTraceExporter();
    case 'http/json':
      return new sdk.JsonTraceExporter();
    case 'http/protobuf':
      return new sdk.ProtobufTraceExporter();
  }
}
