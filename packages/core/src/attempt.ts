import type { Backend } from './backend.ts';
import type { Outcome, TransportFailure } from './outcome.ts';

/** One try at one backend. */
export interface Attempt<B extends Backend = Backend> {
  /** 1 for the first try of a request. */
  readonly number: number;
  readonly backend: B;
  /** The deployment's name at this backend. */
  readonly deployment: string;
  /** Whether it begins beside others that are silent, perhaps as the network has lost their connections. */
  readonly isBesideSilence?: true | undefined;
}

/** Returns the value of a response header by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** One event of a `text/event-stream`, by its fields. */
export interface StreamEvent {
  /** Empty if it has none. */
  readonly name: string;
  readonly data: string;
}

/** The beginning of an event stream, as far as it had to be read to be judged. */
export type StreamOpening =
  /** The first event that is more than an announcement. */
  | { readonly kind: 'event'; readonly event: StreamEvent }
  /** The stream ended before such an event, and not the way a stream of its kind ends. */
  | { readonly kind: 'cut-short' };

/** A response whose head has arrived and whose body has not been passed on. */
export interface Answer<Body = unknown> {
  readonly kind: 'answered';
  readonly status: number;
  readonly header: HeaderLookup;
  /** The requested operation, such as `chat/completions`, where it determines the form of the answer. */
  readonly operation?: string | undefined;
  /** The start of the body as text, read only where `whatToRead` asked for it. */
  readonly bodyText?: string | undefined;
  /** The beginning of an event stream where `whatToRead` asked for it; undefined if waiting for it was not possible. */
  readonly opening?: StreamOpening | undefined;
  /** Whether the request came with the client's own key, which only the backend that made it knows. */
  readonly hasClientKey?: true;
  /** Whether the request certainly had no effect: it was refused before it was sent or, in a session, by an event. */
  readonly hasMadeNothing?: true | undefined;
  /** Whether the request asked for an object, so that nothing else counts as an answer. */
  readonly isOfObject?: true | undefined;
  /** Whether it came instead of the requested upgrade. */
  readonly isUpgradeRefused?: true;
  readonly body: Body;
}

/** The transport's view of one attempt. It carries no judgement. */
export type AttemptResult<Body = unknown> =
  | Answer<Body>
  | {
      readonly kind: 'failed';
      readonly failure: TransportFailure;
      /** Whether any byte of the request may have reached the backend. */
      readonly wasSent: boolean;
    }
  | { readonly kind: 'aborted' };

/** Why the first priority group did not get a request. */
export type SpillCause =
  /** It refused this request, or earlier ones, with a 429. */
  | 'throttled'
  /**
   * Its quota, as far as known, has no room for the request, or it already has its maximum number of attempts under
   * way.
   */
  | 'full'
  /** Its provisioned throughput is in use up to the share from which other backends are preferred. */
  | 'utilization'
  /** It is failing, or recovering from failures. */
  | 'failing'
  /** It has not answered yet, so another backend is asked as well. */
  | 'slow'
  /** It declines the operation, or does not have what was asked for. */
  | 'declined'
  /** An operator has drained it. */
  | 'draining';

/** Traffic that left the first priority group. The priority of the attempt's backend says where it went. */
export interface Spill {
  readonly fromPriority: number;
  readonly cause: SpillCause;
}

/** An attempt that has ended, with its outcome. */
export interface AttemptRecord<B extends Backend = Backend> extends Attempt<B> {
  readonly outcome: Outcome;
  /** On the clock of the pool. */
  readonly startedMs: number;
  /** From the start of the attempt to its response head or failure. */
  readonly durationMs: number;
  /** Why it did not go to the first priority group; undefined if it did, or no other backend could serve it. */
  readonly spill?: Spill | undefined;
}
