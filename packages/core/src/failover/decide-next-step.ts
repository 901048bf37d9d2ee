import type { Answer } from '../attempt.ts';
import type { RoutingRequest } from '../routing-request.ts';
import { hasAnswered, mayHaveAccepted, type Outcome } from '../outcome.ts';

/** The step after an attempt. Only `relay` ends with the backend's own answer. */
export type NextStep = 'relay' | 'retry' | 'give-up' | 'abandon';

/** The facts about a request that the decision needs. */
export interface Repeatability {
  /** Whether the request creates an object on the backend, so that sending it twice could create two. */
  readonly createsObject: boolean;
  /**
   * Whether it asks for an object that any backend may have, so that a backend without it has not settled the request.
   */
  readonly isLookup?: boolean | undefined;
  /** Whether it is about an object, so that a 404 may be about that object rather than the backend's abilities. */
  readonly isOfObject?: boolean | undefined;
}

/** The facts about a request that a failover needs. */
export interface FailoverRequest extends Repeatability, Omit<RoutingRequest, keyof Repeatability> {
  /**
   * Returns whether a backend refused it only for lack of something that another may have. Absent where no request can
   * lack anything.
   */
  readonly isRefusedForLack?: ((outcome: Outcome, answer: Answer) => boolean) | undefined;
}

/**
 * Returns the step that follows from an outcome: the one place that says what is retried.
 *
 * @param isBodyGone whether the request's body cannot be sent again, so that the backend that had it has the last word
 */
export function decideNextStep(outcome: Outcome, repeatability: Repeatability, isBodyGone = false): NextStep {
  const step = withBody(outcome, repeatability);
  if (step !== 'retry' || !isBodyGone) return step;
  return hasAnswered(outcome) ? 'relay' : 'give-up';
}

function withBody(outcome: Outcome, { createsObject, isLookup }: Repeatability): NextStep {
  switch (outcome.kind) {
    case 'succeeded':
    case 'rejected':
      return 'relay';
    case 'not-found':
      return isLookup ? 'retry' : 'relay';
    case 'throttled':
    case 'declined':
      return 'retry';
    case 'unavailable':
      return createsObject && mayHaveAccepted(outcome) ? 'relay' : 'retry';
    case 'unreachable':
      return createsObject && mayHaveAccepted(outcome) ? 'give-up' : 'retry';
    case 'aborted':
      return 'abandon';
  }
}

/** Returns whether a request has no effect (RFC 9110 §9.2.1), and costs next to nothing, so that it may be sent twice. */
export function onlyAsks({ method }: Pick<FailoverRequest, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}
