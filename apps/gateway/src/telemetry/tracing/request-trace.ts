import { renderTraceParent, SAMPLED_FLAG, type TraceParent } from './trace-context.ts';
import { makeId } from './trace-ids.ts';

/** A request's place in a trace, decided at its start. */
export class RequestTrace {
  readonly traceId: string;
  /** The id of the request's own span. */
  readonly spanId = makeId(8);
  readonly flags: number;
  /** The span that sent it, if it is known. */
  readonly parent: TraceParent | undefined;
  /** The ids of its attempts' spans, in their order, by the backend’s name; only of a sampled one. */
  #attempts: Map<string, string[]> | undefined;

  /** @param flags the flags of the trace, including whether it is sampled */
  constructor(traceId: string, flags: number, parent: TraceParent | undefined) {
    this.traceId = traceId;
    this.flags = flags;
    this.parent = parent;
  }

  get isSampled(): boolean {
    return (this.flags & SAMPLED_FLAG) !== 0;
  }

  /** Returns the `traceparent` of an attempt at a backend: with a span of its own, if it is sampled. */
  headerFor(backend: string): string {
    const spanId = this.isSampled ? this.#beginAttempt(backend) : this.spanId;
    return renderTraceParent({ traceId: this.traceId, spanId, flags: this.flags });
  }

  /** Takes the span id of the first attempt at a backend that has not been taken yet. */
  takeSpanId(backend: string): string {
    return this.#attempts?.get(backend)?.shift() ?? makeId(8);
  }

  #beginAttempt(backend: string): string {
    const spanId = makeId(8);
    const attempts = (this.#attempts ??= new Map<string, string[]>());
    const begun = attempts.get(backend);
    if (begun === undefined) attempts.set(backend, [spanId]);
    else begun.push(spanId);
    return spanId;
  }
}

/** Decides, when a request begins, whether its spans are recorded. */
export type BeginTrace = (traceparent: string | string[] | undefined) => RequestTrace;
