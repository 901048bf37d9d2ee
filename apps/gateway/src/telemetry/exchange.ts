import { randomBytes } from 'node:crypto';
import type {
  AttemptRecord,
  Backend,
  ExhaustedCause,
  PriorityClass,
  TokenEstimate,
  Usage,
  Verdict,
} from '@spillway/core';
import type { BeginTrace, RequestTrace } from './tracing/request-trace.ts';
import type { RefusalReason } from '../client/authentication-failed.ts';
import type { ErrorName } from '../errors.ts';
import { parseTraceParent } from './tracing/trace-context.ts';

/** nginx's status for a client that left before its response began. */
export const CLIENT_LEFT = 499;

/** How a response ended: whole, broken off by the gateway or the backend, or because the client left. */
export type Ending = 'complete' | 'interrupted' | 'abandoned';

/**
 * Why another deployment serves than the requested one: no backend has quota left for that, the client's budget for it
 * is spent, or the prompt is too long for its model.
 */
export const FALLBACK_CAUSES = ['quota', 'budget', 'too-long'] as const;

type FallbackCause = (typeof FALLBACK_CAUSES)[number];

/** The usage that an answer reports, in tokens. */
export interface AnswerUsage extends Usage {
  /** The part of the output that a model has used for thinking. */
  readonly reasoningTokens: number;
}

/** A background object whose creation has not reported a usage yet. */
export interface Expected {
  /** The client that created it; undefined where clients are not told apart. */
  readonly client: string | undefined;
  readonly deployment: string;
  /** Corrects its charge to the client's budgets. */
  correct?: ((usage: AnswerUsage) => void) | undefined;
  /**
   * Called with the tokens relayed by an answer about it that reports no usage, for example because its client left.
   *
   * @param isPart whether other answers may have relayed other parts, as streams do that continue an earlier one
   */
  relayed?: ((outputTokens: number, isPart: boolean) => void) | undefined;
}

/** The usage that a metered request is charged for. */
export interface Metered {
  /** The usage that its answer reports, or the sum of a session's answers. */
  readonly usage: AnswerUsage | undefined;
  /** The relayed tokens beyond that: an estimate, and 0 where the usage is exact. */
  readonly relayedTokensEstimate: number;
  /**
   * Whether that is everything: the usage is exact, or there is none and no tokens were used. If not, the prompt counts
   * as estimated where no usage reports it, and the output as the larger of usage and estimate; in a session, whose
   * usages are charged as they are reported, as their sum.
   */
  readonly isComplete: boolean;
  /**
   * Set if the client left, or the gateway broke the request off, before anything was answered: the backend may go on,
   * and its usage is unknown.
   */
  readonly isUnanswered?: true | undefined;
  /** The background object that it created, whose usage is reported later. */
  readonly created?: Expected | undefined;
  /** The object that it read, if that reported its usage for the first time: the object's creator is charged. */
  readonly told?: Expected | undefined;
}

/**
 * The record of one request or session. Each step notes its result; a step that was never reached leaves its initial
 * values. A class, as V8 would move an object to which fields are added one by one.
 */
export class Exchange {
  /** Unique; in the log line and in `x-spillway-request-id`. */
  readonly id: string;
  /** On a monotonic clock. */
  readonly startedMs: number;
  readonly method: string;
  /** The id of the trace that it belongs to. */
  traceId: string | undefined;
  /** Its place in the trace, where spans may be recorded. */
  trace: RequestTrace | undefined;
  /** The name of the client, where clients are told apart. */
  client: string | undefined;
  /** Why its credential was refused. */
  authenticationFailure: RefusalReason | 'issuer-unavailable' | undefined;
  /** The gateway's own error that it was refused with, if any. */
  refusal: ErrorName | undefined;
  /** Whether its client’s own budgets did not admit it. */
  isOverBudget = false;
  deployment: string | undefined;
  operation: string | undefined;
  /** The requested deployment, where another was asked instead. */
  fallbackFrom: string | undefined;
  /** Why another did. */
  fallbackCause: FallbackCause | undefined;
  /** The number of attempts for the requested one, before those for the other. */
  fallbackAfter = 0;
  /** Its priority class, where there are classes. */
  priorityClass: PriorityClass | undefined;
  /** Its expected usage, where that matters to the choice of a backend. */
  estimate: TokenEstimate | undefined;
  requestBytes: number | undefined;
  /** When the request had arrived, or as much of it as is kept; on the clock of `startedMs`. */
  acceptedMs: number | undefined;
  /** Whether the body was too large to be kept, so that only one backend could get it. */
  isUpload = false;
  /** Why no backend served it. */
  cause: ExhaustedCause | undefined;
  attempts: readonly AttemptRecord[] = [];
  /** The attempt whose answer the client got. */
  served: AttemptRecord | undefined;
  /** The usage that the answer reports. */
  usage: AnswerUsage | undefined;
  /** The usage charged to its client's budgets, where the client has any. */
  metered: Metered | undefined;
  /** How long it waited for quota. */
  waitedMs = 0;
  /** When the outcome was settled and the response could begin, on the clock of `startedMs`. */
  respondedMs: number | undefined;
  responseBytes: number | undefined;
  /** The status that the client saw. */
  status = 0;
  /** When everything was done, on the clock of `startedMs`. */
  endedMs: number;
  ending: Ending = 'complete';
  /** Whether a rule ended it, rather than a failure. */
  isEndedByRule = false;

  constructor(id: string, startedMs: number, method: string) {
    this.id = id;
    this.startedMs = startedMs;
    this.method = method;
    this.endedMs = startedMs;
  }

  /** Notes its trace: where no spans are recorded, its client's. */
  noteTrace(traceparent: string | string[] | undefined, beginTrace: BeginTrace | undefined): void {
    this.trace = beginTrace?.(traceparent);
    this.traceId = (this.trace ?? parseTraceParent(traceparent))?.traceId;
  }

  /** Notes that the request has arrived. */
  noteRequest({ body, arrivedMs }: ArrivedBody): void {
    this.requestBytes = body?.length ?? 0;
    this.acceptedMs = arrivedMs;
  }

  /** Notes its route. */
  noteRoute({ deployment, operation }: { readonly deployment: string; readonly operation: string }): void {
    this.deployment = deployment;
    this.operation = operation;
  }

  /** Notes that another deployment answers instead of the requested one, after some attempts for that. */
  noteFallback(deployment: string, cause: FallbackCause, after: number): void {
    this.fallbackFrom = this.deployment;
    this.fallbackCause = cause;
    this.fallbackAfter = after;
    this.deployment = deployment;
  }

  /** Notes that its failover has ended, after `waitedMs` of waiting for quota. */
  noteVerdict(verdict: Verdict<Backend, unknown>, waitedMs: number, nowMs: number): void {
    const { attempts } = verdict;
    this.attempts = attempts;
    // The last attempt, unless its answer was worse than one that was kept.
    if (verdict.kind === 'relay')
      this.served = attempts.findLast(({ backend }) => backend === verdict.lease.backend);
    this.waitedMs = waitedMs;
    if (verdict.kind === 'exhausted') this.cause = verdict.cause;
    if (verdict.kind !== 'abandoned') this.respondedMs = nowMs;
  }

  /** Notes that it has been answered, wholly or partly; for a session, that it has ended. */
  noteAnswered({ ending, isByRule = false, bytes, bytesFromClient }: Answered): void {
    this.ending = ending;
    this.isEndedByRule ||= isByRule;
    this.responseBytes = bytes;
    if (bytesFromClient !== undefined) this.requestBytes = bytesFromClient;
  }

  /** The status that the client saw, or would have seen if it had not left before. */
  get clientStatus(): number {
    const { ending, respondedMs, status } = this;
    return ending === 'abandoned' && respondedMs === undefined && status === 200 ? CLIENT_LEFT : status;
  }

  /** Whether its answer or session was broken off by a failure, not by a rule nor by its client. */
  get isBrokenOff(): boolean {
    return this.ending === 'interrupted' && !this.isEndedByRule;
  }

  /** Whether another deployment served than the requested one; it may have had no quota either. */
  get isServedByFallback(): boolean {
    return this.fallbackFrom !== undefined && this.served !== undefined;
  }

  /** Whether the gateway refused it before any backend was asked. */
  get isOwnRefusal(): boolean {
    return this.status >= 400 && this.attempts.length === 0;
  }

  /**
   * The time that the gateway itself has added until the response could begin, in ms: without the times for the
   * client's sending, the backends' answers and waiting for quota. Undefined where these overlapped.
   */
  get overheadMs(): number | undefined {
    const { acceptedMs, respondedMs } = this;
    if (acceptedMs === undefined || respondedMs === undefined || this.isUpload) return undefined;
    let overheadMs = respondedMs - acceptedMs - this.waitedMs;
    for (const { durationMs } of this.attempts) overheadMs -= durationMs;
    return overheadMs >= 0 ? overheadMs : undefined;
  }

  /** Notes that everything is done. */
  noteEnd(status: number, nowMs: number): void {
    this.status = status;
    this.endedMs = nowMs;
  }
}

/** A request's body, and when it had arrived, on the clock of the exchange. */
interface ArrivedBody {
  readonly body: Buffer | undefined;
  readonly arrivedMs: number;
}

/** The course of an answer or a session. */
export interface Answered {
  readonly ending: Ending;
  /** Whether a rule ended it, rather than a failure: a session that is idle, or asks for what its client may not have. */
  readonly isByRule?: boolean;
  /** Bytes of the answer's body, or from a session's backend. */
  readonly bytes: number;
  /** Bytes from a session's client. */
  readonly bytesFromClient?: number | undefined;
}

/** The consumer of each finished request's record. It must not throw, and is never awaited. */
export interface Sink {
  record(exchange: Exchange): void;
}

/** Ends an exchange with the status that its client saw, and records it. */
export function recordEnd(
  exchange: Exchange,
  status: number,
  { sinks, nowMs }: { readonly sinks: readonly Sink[]; readonly nowMs: () => number },
  endedMs = nowMs(),
): void {
  exchange.noteEnd(status, endedMs);
  for (const sink of sinks) sink.record(exchange);
}

/**
 * Creates a source of request ids: a random start makes them unique among all processes, and a count among this one's
 * requests. A random UUID for every request costs about a microsecond, this next to nothing.
 */
export function createRequestIds(): () => string {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}
