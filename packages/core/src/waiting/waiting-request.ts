import {
  type PriorityClass,
  priorityClasses,
  type RoutingRequest,
  type TokenEstimate,
} from '../routing-request.ts';
import type { Quota } from '../quota/quota.ts';

/**
 * The quotas that requests ahead are waiting for, and when each is expected to have room. Those behind leave them
 * alone.
 */
export type Reservations = ReadonlyMap<Quota, number>;

/** A request that waits, as the waiting room sees it. */
export interface WaitingRequest {
  readonly routing: RoutingRequest;
  /** The bytes held for it meanwhile. */
  readonly bytes: number;
  /** Since when it has waited, including other attempts in between: its place in the queue. */
  readonly sinceMs: number;
  /** When it gives up. */
  readonly untilMs: number;
  /** The quota that it reserves, as the one expected to have room for it first. */
  readonly awaited: Quota | undefined;
  /** The moment of that, or another moment at which looking again is worth while. */
  looksAtMs: number;
  /** Whether backends that others of its kind may use are ruled out for it, or may refuse it alone. */
  readonly isRestricted: boolean;
  /**
   * Looks for a backend whose quota is not reserved. Returns whether the request goes on waiting; if not, it has either
   * begun its attempt or given up.
   */
  look(reservations: Reservations): boolean;
  /** Ends its wait without a backend. */
  dismiss(): void;
}

/** The waiting requests' claims, as another request has to respect them. */
export interface Way {
  readonly reservations: Reservations;
  /** Whether the request would rather wait than go to a recovering backend whose probes are all under way. */
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

/**
 * Returns whether a request needs at least as much as another where that has looked: if the other has just found no room,
 * neither does this one.
 */
export function needsAsMuch(waitingRequest: WaitingRequest, other: WaitingRequest): boolean {
  const { deployment, owner, estimate } = waitingRequest.routing;
  const isOfSame =
    deployment === other.routing.deployment &&
    (other.routing.owner === undefined || owner === other.routing.owner);
  return isOfSame && !other.isRestricted && isAtLeast(estimate, other.routing.estimate);
}

function isAtLeast(estimate: TokenEstimate | undefined, other: TokenEstimate | undefined): boolean {
  if (other === undefined) return true;
  return (
    estimate !== undefined &&
    estimate.promptTokens >= other.promptTokens &&
    estimate.outputTokens >= other.outputTokens
  );
}
