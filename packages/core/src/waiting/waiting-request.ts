import {
  type PriorityClass,
  priorityClasses,
  type RoutingRequest,
  type TokenEstimate,
} from '../routing-request.ts';
import type { Quota } from '../quota/quota.ts';

/** The quotas that requests ahead are waiting for, and when each is expected to have room. Those behind leave them alone. */
export type Reservations = ReadonlyMap<Quota, number>;

/** A request that waits, as the waiting room sees it. */
export interface WaitingRequest {
  readonly routing: RoutingRequest;
  /** What is held of it meanwhile. */
  readonly bytes: number;
  /** Since when it has waited, other attempts in between included: its place in the queue. */
  readonly sinceMs: number;
  /** When it gives up. */
  readonly untilMs: number;
  /** The quota that it reserves, as it is expected to be the first to have room for it. */
  readonly awaited: Quota | undefined;
  /** When that is, or when else it is worth its while to look again. */
  looksAtMs: number;
  /** Whether backends are out of the question for it that others of its kind may go to, or may refuse it alone. */
  readonly isRestricted: boolean;
  /**
   * Looks for a backend whose quota is not reserved. Returns whether it goes on waiting; if not, it has either begun its
   * attempt or given up.
   */
  look(reservations: Reservations): boolean;
  /** Ends its wait without a backend. */
  dismiss(): void;
}

/** What waiting requests leave to another. */
export interface Way {
  readonly reservations: Reservations;
  /** Whether it rather waits than goes to a recovering backend whose probes are out. */
  readonly isPatient: boolean;
}

/** Nobody waits. */
export const FREE: Way = { reservations: new Map(), isPatient: false };

/** Returns the place of a class among all, 0 for the most urgent. */
export function rankOf(priorityClass: PriorityClass = 'standard'): number {
  return priorityClasses.indexOf(priorityClass);
}

/** Returns when a waiting request must look again. */
export function nextLookMs({ looksAtMs, untilMs }: WaitingRequest): number {
  return Math.min(looksAtMs, untilMs);
}

/** Returns whether a request looks in vain where another has just found no room, as it needs at least as much there. */
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
