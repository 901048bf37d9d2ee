import { performance } from 'node:perf_hooks';
import type { BatchSpanProcessor, ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Exchange, Sink } from '../exchange.ts';
import type { ExportWatch } from './export-watch.ts';
import { spansOf, type SpanSource } from './finished-spans.ts';
import type { OtlpNumbers } from './otlp-numbers.ts';
import type { Protocol } from './otlp-settings.ts';
import type * as otelSdk from './otel-sdk.ts';

type Sdk = typeof otelSdk;

/** Sends the spans of sampled requests when they are over. */
export class SpanSink implements Sink {
  readonly #source: SpanSource;
  readonly #processor: BatchSpanProcessor;
  readonly #watch: ExportWatch<ReadableSpan[]>;
  #waiting = 0;
  #dropped = 0;
  readonly #maxWaiting: number;

  constructor(
    source: SpanSource & { readonly sdk: Sdk },
    protocol: Protocol,
    { maxQueueSize, maxBatchSize, spanDelayMs, spanTimeoutMs, answerTimeoutMs }: OtlpNumbers,
    watch: ExportWatch<ReadableSpan[]>,
  ) {
    const { sdk } = source;
    this.#source = source;
    this.#watch = watch;
    this.#maxWaiting = maxQueueSize;
    this.#processor = new sdk.BatchSpanProcessor({
      exporter: this.#counting(watch.watch(exporterOf(sdk, protocol, answerTimeoutMs.traces))),
      maxQueueSize,
      scheduledDelayMillis: spanDelayMs,
      exportTimeoutMillis: spanTimeoutMs,
      maxExportBatchSize: maxBatchSize,
    });
  }

  get dropped(): number {
    return this.#dropped + this.#watch.dropped;
  }

  record(exchange: Exchange): void {
    const { trace } = exchange;
    if (trace === undefined || !trace.isSampled) return;
    const epochMs = Date.now() - performance.now();
    for (const span of spansOf({ exchange, trace, epochMs }, this.#source)) this.#add(span);
  }

  stop(): Promise<void> {
    return this.#processor.shutdown();
  }

  /** The processor would drop it as well, but without counting. */
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

function exporterOf(sdk: Sdk, protocol: Protocol, timeoutMillis: number): SpanExporter {
  switch (protocol) {
    case 'grpc':
      return new sdk.GrpcTraceExporter({ timeoutMillis });
    case 'http/json':
      return new sdk.JsonTraceExporter({ timeoutMillis });
    case 'http/protobuf':
      return new sdk.ProtobufTraceExporter({ timeoutMillis });
  }
}
