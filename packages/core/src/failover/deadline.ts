/** How long a request may take until its response begins. */
export interface Timing {
  /** When the response must have begun, all attempts together; ms on the clock of the failover. */
  readonly deadlineMs: number;
  /** The usual time for one attempt, from its start to its response's headers. */
  readonly attemptMs: number;
  /** With less time left than this, no further attempt is made. */
  readonly minAttemptMs: number;
}

/**
 * Timers may be early or late by about a millisecond, and limits are rounded: a deadline counts as passed slightly
 * early.
 */
const TIMER_SLACK_MS = 2;

/** How much of its usual time an attempt needs for its silence to be the backend's fault. */
const FAIR_SHARE = 0.9;

/** Returns how long an attempt that starts now may take to its response's headers: whole ms, above 0. */
export function timeLimitMs({ deadlineMs, attemptMs }: Timing, nowMs: number): number {
  return Math.max(1, Math.round(Math.min(attemptMs, deadlineMs - nowMs)));
}

/** Returns how much longer an attempt may run after its usual time: whole ms, 0 if the deadline has passed. */
export function timeLeftMs({ deadlineMs }: Timing, nowMs: number): number {
  const leftMs = Math.round(deadlineMs - nowMs);
  return leftMs > TIMER_SLACK_MS ? leftMs : 0;
}

/** Returns whether a time limit leaves an attempt much less than its usual time, as a client's own deadline may. */
export function isHurried({ attemptMs }: Timing, timeLimitMs: number): boolean {
  return timeLimitMs < attemptMs * FAIR_SHARE;
}

/**
 * Returns whether too little time is left for an attempt that starts now. The first attempt of a request uses whatever
 * time there is.
 */
export function isTooLate(
  { deadlineMs, minAttemptMs }: Timing,
  attemptsBefore: number,
  nowMs: number,
): boolean {
  return deadlineMs - nowMs < (attemptsBefore === 0 ? 0 : Math.max(minAttemptMs, TIMER_SLACK_MS));
}

/**
 * Returns until when a request may wait for its next attempt, early enough that a slightly late timer is not too late.
 */
export function latestWaitMs({ deadlineMs, minAttemptMs }: Timing): number {
  return deadlineMs - Math.max(minAttemptMs, TIMER_SLACK_MS) - TIMER_SLACK_MS;
}
