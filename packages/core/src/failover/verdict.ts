import type { Answer, AttemptRecord } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { Lease } from '../pool/lease.ts';

/** Why a request got no answer from any backend. */
export type ExhaustedCause =
  /** Quota is spent at some backend or other. */
  | 'throttled'
  | 'unavailable'
  /** The gateway itself had no means left to ask any backend. */
  | 'overloaded'
  /** Every backend of the pool was asked, and none has the deployment. */
  | 'deployment-missing'
  /** Every backend declined, or does not have the deployment; if one of their answers was kept, it is relayed. */
  | 'declined'
  /** Every backend was asked for the object, and none has it. */
  | 'not-found'
  /** The one backend that was tried may have acted on it; doing it twice would be worse. */
  | 'not-repeatable'
  /** The one backend that was tried has had the body, of which there is no copy. */
  | 'not-replayable'
  /** Too little time is left for another attempt. */
  | 'out-of-time'
  /** Too many recent retries to make another. */
  | 'retries-spent';

/** How a request ends when no backend's answer is fit to be passed on. */
export interface Exhausted<B extends Backend> {
  readonly kind: 'exhausted';
  readonly cause: ExhaustedCause;
  /** Until the first backend ends its cooldown, in ms; 0 if one is not cooling down. */
  readonly recoveryMs: number;
  /** The name of the one backend that could have served, where no other could. */
  readonly owner?: string | undefined;
  readonly attempts: readonly AttemptRecord<B>[];
}

/** How a request ends. Only `relay` holds an unread body and the lease that must outlive the loop. */
export type Verdict<B extends Backend, Body> =
  | {
      readonly kind: 'relay';
      readonly answer: Answer<Body>;
      readonly lease: Lease<B>;
      readonly attempts: readonly AttemptRecord<B>[];
    }
  | Exhausted<B>
  | { readonly kind: 'abandoned'; readonly attempts: readonly AttemptRecord<B>[] };
