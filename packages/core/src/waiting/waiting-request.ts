import { type PriorityClass, priorityClasses } from '../priority-class.ts';
import type { Quota } from '../quota/quota.ts';
import type { TokenEstimate } from '../token-estimate.ts';
import type { Reservation, Reservations } from './reservations.ts';

/** A request that waits, as the waiting room sees it. */
export interface WaitingRequest extends Reservation {
  /** What is held of it meanwhile. */
  readonly bytes: number;
  /** Since when it has waited, other attempts in between included: its place in the queue. */
  readonly sinceMs: number;
  /** When it gives up. */
  readonly untilMs: number;
  /** The quota that is expected to be the first to have room for it, and is to be kept for it. */
  readonly awaited: Quota | undefined;
  /** When that is, or when else it is worth its while to look again. */
  looksAtMs: number;
  /** Whether backends are out of the question for it that others of its kind may go to, or may refuse it alone. */
  readonly isRestricted: boolean;
  /**
   * Looks for a backend whose room is not kept for another. Answers whether it goes on waiting; if not, it has either begun its
   * attempt or given up.
   */
  look(reservations: Reservations): boolean;
  /** Ends its wait without a backend. */
  dismiss(): void;
}

/** What those who wait leave to another request. */
export interface Way {
  readonly reservations: Reservations;
  /** Whether it rather waits than goes to a recovering backend whose probes are out. */
  readonly isPatient: boolean;
}

/** What is left to a request when nobody waits. */
export const FREE: Way = { reservations: new Map(), isPatient: false };

/** Answers the place of a class among all, 0 for the most urgent. */
export function rankOf(priorityClass: PriorityClass = 'standard'): number {
  return priorityClasses.indexOf(priorityClass);
}

/** Answers when a guest must look again. */
export function nextLookMs({ looksAtMs, untilMs }: WaitingRequest): number {
  return Math.min(looksAtMs, untilMs);
}

/** Answers whether a guest will not find what another has just not found, as it wants no less of the same backends. */
export function wantsNoLess(waitingRequest: WaitingRequest, other: WaitingRequest): boolean {
  const { deployment, owner, estimate } = waitingRequest.routing;
  const isOfSame =
    deployment === other.routing.deployment &&
    (other.routing.owner === undefined || owner === other.routing.owner);
  return isOfSame && !other.isRestricted && isNoLess(estimate, other.routing.estimate);
}

function isNoLess(estimate: TokenEstimate | undefined, other: TokenEstimate | undefined): boolean {
  if (other === undefined) return true;
  return (
    estimate !== undefined &&
    estimate.promptTokens >= other.promptTokens &&
    estimate.outputTokens >= other.outputTokens
  );
}
