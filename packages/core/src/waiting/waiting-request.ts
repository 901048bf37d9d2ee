import type { Keeper, Keepers } from './reservations.ts';
import type { Need } from '../token-estimate.ts';
import { type PriorityClass, priorityClasses } from '../priority-class.ts';
import type { Quota } from '../quota/quota.ts';

/** A request that waits, as the waiting room sees it. */
export interface Guest extends Keeper {
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
  look(keepers: Keepers): boolean;
  /** Ends its wait without a backend. */
  dismiss(): void;
}

/** What those who wait leave to another request. */
export interface Way {
  readonly keepers: Keepers;
  /** Whether it rather waits than goes to a recovering backend whose probes are out. */
  readonly isPatient: boolean;
}

/** What is left to a request when nobody waits. */
export const FREE: Way = { keepers: new Map(), isPatient: false };

/** Answers the place of a class among all, 0 for the most urgent. */
export function rankOf(priorityClass: PriorityClass = 'standard'): number {
  return priorityClasses.indexOf(priorityClass);
}

/** Answers when a guest must look again. */
export function nextLookMs({ looksAtMs, untilMs }: Guest): number {
  return Math.min(looksAtMs, untilMs);
}

/** Answers whether a guest will not find what another has just not found, as it wants no less of the same backends. */
export function wantsNoLess(guest: Guest, other: Guest): boolean {
  const { deployment, owner, need } = guest.wish;
  const isOfSame =
    deployment === other.wish.deployment && (other.wish.owner === undefined || owner === other.wish.owner);
  return isOfSame && !other.isRestricted && isNoLess(need, other.wish.need);
}

function isNoLess(need: Need | undefined, other: Need | undefined): boolean {
  if (other === undefined) return true;
  return (
    need !== undefined && need.promptTokens >= other.promptTokens && need.outputTokens >= other.outputTokens
  );
}
