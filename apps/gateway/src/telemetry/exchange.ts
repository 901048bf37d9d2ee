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

/** How a response ended: whole, broken off by us or the backend, or because the client left. */
export type Ending = 'complete' | 'interrupted' | 'abandoned';

/** What an answer says that it has taken, in tokens. */
export interface AnswerUsage extends Usage {
  /** Those of the output that a model has thought with. */
  readonly reasoningTokens: number;
}

/** An object in the background whose creation has told no usage yet. */
export interface Expected {
  /** The client that has created it; none where clients are not told apart. */
  readonly client: string | undefined;
  readonly deployment: string;
  /** Corrects what its client's budgets were charged for it. */
  correct?: ((usage: AnswerUsage) => void) | undefined;
}

/** What a metered request has taken of its client's budgets. */
export interface Metered {
  /** What its answer says, or what the answers of a session say together. */
  readonly usage: AnswerUsage | undefined;
  /** What was relayed beyond that, in tokens: an estimate, and 0 where the usage is exact. */
  readonly relayedTokensEstimate: number;
  /**
   * Whether that is all: the usage is exact, or there is none and no tokens were taken. If not, the prompt counts as it was
   * estimated where no usage tells it, and the output as the larger of usage and estimate; in a session, whose usages are charged
   * when they are told, as their sum.
   */
  readonly isComplete: boolean;
  /** The object in the background that it has created: its usage is told later. */
  readonly created?: Expected | undefined;
  /** The object that it has asked for, if that has told its usage for the first time: whoever has created it is charged. */
  readonly told?: Expected | undefined;
}

/**
 * The record of one request or session. Each step of its line notes what it found; what was never reached stays as it is
 * here. A class, as an object that its fields are added to one by one would be moved with nearly each of them.
 */
export class Exchange {
  /** Unique; in the log line and in `x-spillway-request-id`. */
  readonly id: string;
  /** On a monotonic clock. */
  readonly startedMs: number;
  readonly method: string;
  /** Of the trace that it is part of. */
  traceId: string | undefined;
  /** Its place in the trace, where spans may be made of it. */
  trace: RequestTrace | undefined;
  /** The name of the client, where clients are told apart. */
  client: string | undefined;
  /** Why its credential was refused. */
  authenticationFailure: RefusalReason | 'issuer-unavailable' | undefined;
  /** What the gateway refused it for, if it did: a name of its own errors. */
  refusal: ErrorName | undefined;
  /** Whether its client’s own budgets did not admit it. */
  isOverBudget = false;
  deployment: string | undefined;
  operation: string | undefined;
  /** The deployment that was asked for, where another served instead. */
  fallbackFrom: string | undefined;
  /** How urgent it was, where there are classes. */
  priorityClass: PriorityClass | undefined;
  /** What it was expected to take, where that matters to the choice of a backend. */
  estimate: TokenEstimate | undefined;
  requestBytes: number | undefined;
  /** When the request had arrived, or as much of it as is kept; on the clock of `startedMs`. */
  acceptedMs: number | undefined;
  /** Whether the body was too large to be kept, so that it went to one backend only. */
  isUpload = false;
  /** Why no backend served it. */
  cause: ExhaustedCause | undefined;
  attempts: readonly AttemptRecord[] = [];
  /** The attempt whose answer the client got. */
  served: AttemptRecord | undefined;
  /** What the answer says that it has taken. */
  usage: AnswerUsage | undefined;
  /** What it has taken of its client's budgets, where the client has any. */
  metered: Metered | undefined;
  /** How long it waited for quota. */
  waitedMs = 0;
  /** When the outcome was settled and the response could begin, on the clock of `startedMs`. */
  respondedMs: number | undefined;
  responseBytes: number | undefined;
  /** The status that the client saw. */
  status = 0;
  /** When nothing more was to be done, on the clock of `startedMs`. */
  endedMs: number;
  ending: Ending = 'complete';

  constructor(id: string, startedMs: number, method: string) {
    this.id = id;
    this.startedMs = startedMs;
    this.method = method;
    this.endedMs = startedMs;
  }

  /** It may be part of a trace: where no spans are made, its client's. */
  noteTrace(traceparent: string | string[] | undefined, beginTrace: BeginTrace | undefined): void {
    this.trace = beginTrace?.(traceparent);
    this.traceId = (this.trace ?? parseTraceParent(traceparent))?.traceId;
  }

  /** The request has arrived. */
  noteRequest({ body }: { readonly body: Buffer | undefined }, nowMs: number): void {
    this.requestBytes = body?.length ?? 0;
    this.acceptedMs = nowMs;
  }

  /** It is known where it goes. */
  noteRoute({ deployment, operation }: { readonly deployment: string; readonly operation: string }): void {
    this.deployment = deployment;
    this.operation = operation;
  }

  /** Another deployment answers than the one that was asked for. */
  noteFallback(deployment: string): void {
    this.fallbackFrom = this.deployment;
    this.deployment = deployment;
  }

  /** Its failover has ended, after `waitedMs` of waiting for quota. */
  noteVerdict(verdict: Verdict<Backend, unknown>, waitedMs: number, nowMs: number): void {
    const { attempts } = verdict;
    this.attempts = attempts;
    // The last, unless its answer was worse than one that was kept.
    if (verdict.kind === 'relay')
      this.served = attempts.findLast(({ backend }) => backend === verdict.lease.backend);
    this.waitedMs = waitedMs;
    if (verdict.kind === 'exhausted') this.cause = verdict.cause;
    if (verdict.kind !== 'abandoned') this.respondedMs = nowMs;
  }

  /** It has been answered, or as much of it as there was; of a session, it has ended. */
  noteAnswered({ ending, bytes, bytesFromClient }: Answered): void {
    this.ending = ending;
    this.responseBytes = bytes;
    if (bytesFromClient !== undefined) this.requestBytes = bytesFromClient;
  }

  /** The status that the client saw, or would have, had it not left before. */
  get clientStatus(): number {
    const { ending, respondedMs, status } = this;
    return ending === 'abandoned' && respondedMs === undefined && status === 200 ? CLIENT_LEFT : status;
  }

  /**
   * The time that the gateway itself has added until the response could begin, in ms: without the client's sending, the
   * backends' answering and waiting for quota. Undefined where these ran side by side.
   */
  get overheadMs(): number | undefined {
    const { acceptedMs, respondedMs } = this;
    if (acceptedMs === undefined || respondedMs === undefined || this.isUpload) return undefined;
    let overheadMs = respondedMs - acceptedMs - this.waitedMs;
    for (const { durationMs } of this.attempts) overheadMs -= durationMs;
    return overheadMs >= 0 ? overheadMs : undefined;
  }

  /** Nothing more is to be done. */
  noteEnd(status: number, nowMs: number): void {
    this.status = status;
    this.endedMs = nowMs;
  }
}

/** How an answer or a session went. */
export interface Answered {
  readonly ending: Ending;
  /** Bytes of the answer's body, or of what a session's backend has said. */
  readonly bytes: number;
  /** Bytes that a session's client has sent. */
  readonly bytesFromClient?: number | undefined;
}

/** Takes the record of each request that is over. It must not throw, and is never waited for. */
export interface Sink {
  record(exchange: Exchange): void;
}

/** Ends an exchange with the status that its client saw, and has it recorded. */
export function recordEnd(
  exchange: Exchange,
  status: number,
  { sinks, nowMs }: { readonly sinks: readonly Sink[]; readonly nowMs: () => number },
): void {
  exchange.noteEnd(status, nowMs());
  for (const sink of sinks) sink.record(exchange);
}

/**
 * Makes a source of request ids: unique among all processes by a random start, and among this one's requests by a count.
 * A random UUID for every request costs about a microsecond, this next to nothing.
 */
export function createRequestIds(): () => string {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}
