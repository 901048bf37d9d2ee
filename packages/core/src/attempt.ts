import type { Backend } from './backend.ts';
import type { Outcome, TransportFailure } from './outcome.ts';

/** One try at one backend. */
export interface Attempt<B extends Backend = Backend> {
  /** 1 for the first try of a request. */
  readonly number: number;
  readonly backend: B;
  /** The deployment's name at this backend. */
  readonly deployment: string;
}

/** Answers the value of a response header by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** One event of a `text/event-stream`, as its fields say it. */
export interface StreamEvent {
  /** Empty if it has none. */
  readonly name: string;
  readonly data: string;
}

/** What an event stream began with, as far as it had to be read to be judged. */
export type StreamOpening =
  /** The first event that is more than an announcement. */
  | { readonly kind: 'event'; readonly event: StreamEvent }
  /** It ended before that, and not as a stream of its kind ends. */
  | { readonly kind: 'cut-short' };

/** A response whose head has arrived and whose body has not been passed on. */
export interface Answer<Body = unknown> {
  readonly kind: 'answered';
  readonly status: number;
  readonly header: HeaderLookup;
  /** What was asked for, such as `chat/completions`, where it says what an answer has to be. */
  readonly operation?: string | undefined;
  /** The start of the body as text, read only where `whatToRead` asked for it. */
  readonly bodyText?: string | undefined;
  /** The beginning of an event stream where `whatToRead` asked for it; undefined if it could not be waited for. */
  readonly opening?: StreamOpening | undefined;
  /** Whether it was the client's own key that came with the request, which only the backend knows that has made it. */
  readonly hasClientKey?: true;
  /** Whether nothing has come of the request for certain: it was refused before it was sent, or in a session by an event. */
  readonly hasMadeNothing?: true | undefined;
  /** Whether an object was asked for, so that nothing else is an answer. */
  readonly isOfObject?: true | undefined;
  /** Whether it came instead of the upgrade that was asked for. */
  readonly isUpgradeRefused?: true;
  readonly body: Body;
}

/** What the transport saw of one attempt. It carries no judgement. */
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
  /** It refused with a 429, this request or others before. */
  | 'throttled'
  /** Its quota, as far as it is known, has no room for the request, or as much is under way as may be. */
  | 'full'
  /** As much of its provisioned throughput is in use as may be. */
  | 'utilization'
  /** It fails, or recovers from that. */
  | 'failing'
  /** It has not answered yet, so that another backend is asked as well. */
  | 'slow'
  /** It will not do what was asked, or does not have it. */
  | 'declined'
  /** An operator has taken it out. */
  | 'draining';

/** Traffic that left the first priority group. Where it went is the priority of the attempt's backend. */
export interface Spill {
  readonly fromPriority: number;
  readonly cause: SpillCause;
}

/** An attempt that has ended, and how. */
export interface AttemptRecord<B extends Backend = Backend> extends Attempt<B> {
  readonly outcome: Outcome;
  /** On the clock of the pool. */
  readonly startedMs: number;
  /** From the start of the attempt to its response head or failure. */
  readonly durationMs: number;
  /** Why it did not go to the first priority group; undefined if it did, or no other backend could serve it. */
  readonly spill?: Spill | undefined;
}
