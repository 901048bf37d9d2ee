import { renderTraceParent, SAMPLED_FLAG, type TraceParent } from './trace-context.ts';
import { makeId } from './trace-ids.ts';

/** A request's place in a trace, decided at its start. */
export class RequestTrace {
  readonly traceId: string;
  /** Of the span of the request itself. */
  readonly spanId = makeId(8);
  readonly flags: number;
  /** Who has sent it, if that is known. */
  readonly parent: TraceParent | undefined;
  /** Of the spans of its attempts, in their order, by the backend’s name. */
  readonly #attempts = new Map<string, string[]>();

  /** @param flags those of the trace, whether it is sampled among them */
  constructor(traceId: string, flags: number, parent: TraceParent | undefined) {
    this.traceId = traceId;
    this.flags = flags;
    this.parent = parent;
  }

  get isSampled(): boolean {
    return (this.flags & SAMPLED_FLAG) !== 0;
  }

  /** Returns the `traceparent` that an attempt at a backend is sent with: if it is sampled, with a span of its own. */
  headerFor(backend: string): string {
    const spanId = this.isSampled ? this.#beginAttempt(backend) : this.spanId;
    return renderTraceParent({ traceId: this.traceId, spanId, flags: this.flags });
  }

  /** Takes the id of the first span of an attempt at a backend that has not been taken yet. */
  takeSpanId(backend: string): string {
    return this.#attempts.get(backend)?.shift() ?? makeId(8);
  }

  #beginAttempt(backend: string): string {
    const spanId = makeId(8);
    const begun = this.#attempts.get(backend);
    if (begun === undefined) this.#attempts.set(backend, [spanId]);
    else begun.push(spanId);
    return spanId;
  }
}

/** Decides, when a request begins, whether there will be spans of it. */
export type BeginTrace = (traceparent: string | string[] | undefined) => RequestTrace;
