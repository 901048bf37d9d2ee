import type { Attributes, HrTime, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { AttemptRecord } from '@spillway/core';
import type { Exchange } from '../exchange.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import { genAiOperation, operationName } from './operation-name.ts';
import {
  attemptAttributes,
  attemptErrorType,
  nameOf,
  requestAttributes,
  requestErrorType,
} from './span-attributes.ts';
import type * as otelSdk from './otel-sdk.ts';

/** The parts that all spans share. */
export interface SpanSource {
  readonly sdk: Pick<typeof otelSdk, 'SpanKind' | 'SpanStatusCode'>;
  readonly resource: Resource;
  readonly scope: ReadableSpan['instrumentationScope'];
}

/** A finished request and its trace. */
export interface Traced {
  readonly exchange: Exchange;
  readonly trace: RequestTrace;
  /** The wall clock's time at 0 of the exchange's clock. */
  readonly epochMs: number;
}

/** Returns the span of a finished request, and one for each of its attempts. */
export function spansOf(request: Traced, source: SpanSource): ReadableSpan[] {
  const { attempts } = request.exchange;
  return [new RequestSpan(request, source), ...attempts.map((one) => new AttemptSpan(request, source, one))];
}

const NONE: never[] = [];

/**
 * A span of a finished request. It waits for seconds until it is sent. Until then it keeps only the request's record,
 * and its parts are made when they are read: kept as well, they cost V8's collector more than making and sending them.
 */
abstract class FinishedSpan implements ReadableSpan {
  protected readonly request: Traced;
  protected readonly source: SpanSource;

  constructor(request: Traced, source: SpanSource) {
    this.request = request;
    this.source = source;
  }

  abstract readonly name: string;
  abstract readonly kind: SpanKind;
  abstract readonly attributes: Attributes;
  protected abstract readonly spanId: string;
  protected abstract readonly isError: boolean;
  /** On the exchange's clock. */
  protected abstract readonly startMs: number;
  protected abstract readonly endMs: number;

  spanContext(): SpanContext {
    const { traceId, flags } = this.request.trace;
    return { traceId, spanId: this.spanId, traceFlags: flags };
  }

  get startTime(): HrTime {
    return hrTimeOf(this.request.epochMs + this.startMs);
  }

  get endTime(): HrTime {
    return hrTimeOf(this.request.epochMs + this.endMs);
  }

  get duration(): HrTime {
    return hrTimeOf(Math.max(0, this.endMs - this.startMs));
  }

  get status(): SpanStatus {
    const { ERROR, UNSET } = this.source.sdk.SpanStatusCode;
    return { code: this.isError ? ERROR : UNSET };
  }

  get resource(): Resource {
    return this.source.resource;
  }

  get instrumentationScope(): SpanSource['scope'] {
    return this.source.scope;
  }

  get ended(): boolean {
    return true;
  }

  get links(): never[] {
    return NONE;
  }

  get events(): never[] {
    return NONE;
  }

  get droppedAttributesCount(): number {
    return 0;
  }

  get droppedEventsCount(): number {
    return 0;
  }

  get droppedLinksCount(): number {
    return 0;
  }
}

/** The span of a request. */
class RequestSpan extends FinishedSpan {
  readonly parentSpanContext?: SpanContext;

  constructor(request: Traced, source: SpanSource) {
    super(request, source);
    const { parent, traceId } = request.trace;
    if (parent === undefined) return;
    this.parentSpanContext = { traceId, spanId: parent.spanId, traceFlags: parent.flags, isRemote: true };
  }

  get name(): string {
    const { method, operation } = this.request.exchange;
    return `${method || '_OTHER'} ${operationName(operation)}`;
  }

  get kind(): SpanKind {
    return this.source.sdk.SpanKind.SERVER;
  }

  get attributes(): Attributes {
    return requestAttributes(this.request.exchange);
  }

  protected get spanId(): string {
    return this.request.trace.spanId;
  }

  protected get isError(): boolean {
    return requestErrorType(this.request.exchange) !== undefined;
  }

  protected get startMs(): number {
    return this.request.exchange.startedMs;
  }

  protected get endMs(): number {
    return this.request.exchange.endedMs;
  }
}

/** The span of an attempt. */
class AttemptSpan extends FinishedSpan {
  readonly #attempt: AttemptRecord;
  protected readonly spanId: string;

  constructor(request: Traced, source: SpanSource, attempt: AttemptRecord) {
    super(request, source);
    this.#attempt = attempt;
    this.spanId = request.trace.takeSpanId(attempt.backend.name);
  }

  get name(): string {
    const operation = genAiOperation(this.request.exchange.operation);
    return `${operation} ${nameOf(this.#attempt.deployment)}`.trim();
  }

  get kind(): SpanKind {
    return this.source.sdk.SpanKind.CLIENT;
  }

  get attributes(): Attributes {
    return attemptAttributes(this.request.exchange, this.#attempt);
  }

  get parentSpanContext(): SpanContext {
    const { traceId, spanId, flags } = this.request.trace;
    return { traceId, spanId, traceFlags: flags };
  }

  protected get isError(): boolean {
    return attemptErrorType(this.request.exchange, this.#attempt) !== undefined;
  }

  protected get startMs(): number {
    return this.#attempt.startedMs;
  }

  /** The relayed attempt lasts until its whole answer has come. */
  protected get endMs(): number {
    const { served, endedMs } = this.request.exchange;
    const { startedMs, durationMs } = this.#attempt;
    return this.#attempt === served ? endedMs : startedMs + durationMs;
  }
}

function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
