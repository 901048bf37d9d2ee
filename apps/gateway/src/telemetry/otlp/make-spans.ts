import type { HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { AttemptRecord } from '@spillway/core';
import type { Exchange } from '../exchange.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { genAiOperation, operationName } from './operation-name.ts';
import { attemptAttributes, nameOf, requestAttributes } from './span-attributes.ts';
import type * as otelSdk from './otel-sdk.ts';

type SdkNames = Pick<typeof otelSdk, 'SpanKind' | 'SpanStatusCode'>;

/** The parts that all spans share. */
export interface SpanSource {
  readonly sdk: SdkNames;
  readonly resource: Resource;
  readonly version: string;
}

/** The facts of one span; its times are ms on the exchange’s clock. */
interface SpanFacts extends Pick<ReadableSpan, 'name' | 'kind' | 'attributes' | 'parentSpanContext'> {
  readonly spanId: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Creates the spans of one finished request. */
export class SpanMaker {
  readonly #source: SpanSource;
  readonly #exchange: Exchange;
  readonly #trace: RequestTrace;
  readonly #epochMs: number;

  /** @param epochMs the wall clock’s time at 0 of the exchange’s clock */
  constructor(source: SpanSource, exchange: Exchange, trace: RequestTrace, epochMs: number) {
    this.#source = source;
    this.#exchange = exchange;
    this.#trace = trace;
    this.#epochMs = epochMs;
  }

  /** Returns the request's span, and one for each attempt. */
  makeAll(): ReadableSpan[] {
    return [this.#ofRequest(), ...this.#exchange.attempts.map((attempt) => this.#ofAttempt(attempt))];
  }

  #ofRequest(): ReadableSpan {
    const { method, operation, startedMs, endedMs } = this.#exchange;
    const { parent, spanId, traceId } = this.#trace;
    return this.#make({
      name: `${method || '_OTHER'} ${operationName(operation)}`,
      kind: this.#source.sdk.SpanKind.SERVER,
      attributes: requestAttributes(this.#exchange),
      spanId,
      ...(parent && {
        parentSpanContext: { traceId, spanId: parent.spanId, traceFlags: parent.flags, isRemote: true },
      }),
      startMs: startedMs,
      endMs: endedMs,
    });
  }

  #ofAttempt(attempt: AttemptRecord): ReadableSpan {
    const { operation, served, endedMs } = this.#exchange;
    const { traceId, spanId, flags } = this.#trace;
    return this.#make({
      name: `${genAiOperation(operation)} ${nameOf(attempt.deployment)}`.trim(),
      kind: this.#source.sdk.SpanKind.CLIENT,
      attributes: attemptAttributes(this.#exchange, attempt),
      spanId: this.#trace.takeSpanId(attempt.backend.name),
      parentSpanContext: { traceId, spanId, traceFlags: flags },
      startMs: attempt.startedMs,
      // The relayed attempt lasts until its whole answer has come.
      endMs: attempt === served ? endedMs : attempt.startedMs + attempt.durationMs,
    });
  }

  #make({ spanId, startMs, endMs, ...facts }: SpanFacts): ReadableSpan {
    const { sdk, resource, version } = this.#source;
    const { traceId, flags: traceFlags } = this.#trace;
    const isError = 'error.type' in facts.attributes;
    return {
      ...facts,
      spanContext: () => ({ traceId, spanId, traceFlags }),
      startTime: hrTimeOf(this.#epochMs + startMs),
      endTime: hrTimeOf(this.#epochMs + endMs),
      duration: hrTimeOf(Math.max(0, endMs - startMs)),
      status: { code: isError ? sdk.SpanStatusCode.ERROR : sdk.SpanStatusCode.UNSET },
      links: [],
      events: [],
      ended: true,
      resource,
      instrumentationScope: { name: 'spillway', version },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }
}

function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
