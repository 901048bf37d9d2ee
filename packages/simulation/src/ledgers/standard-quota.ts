/** A pay-as-you-go quota of a simulated backend, and what its answers tell of it. */
export interface StandardQuota {
  /** Tokens of a minute; without it they are not limited. */
  readonly tpm?: number;
  /** Requests of a minute, of which each short window has its share; without it they are not limited. */
  readonly rpm?: number;
  /** What a call is charged on average: what a quota without `tpm` allows is reckoned from it. */
  readonly tokensPerCall?: number;
  /** The window that tokens are counted in, and that `rpm` is of (a minute). */
  readonly tokenWindowMs?: number;
  /** The short window that requests are counted in (10 s). */
  readonly requestWindowMs?: number;
  /** Whether all tokens come back at the next minute, rather than each 60 s after it was charged. */
  readonly isFixed?: boolean;
  /** Whether answers tell the limits and what is left of them (true). */
  readonly isTold?: boolean;
  /** The window whose requests are told (a minute). */
  readonly toldWindowMs?: number;
  /** Returns the seconds that a refusal tells to wait, of those that it takes; undefined tells none (as it takes). */
  readonly tellWait?: (seconds: number) => number | undefined;
  /** Returns what the limits are multiplied by at a moment (1). */
  readonly factorAt?: (nowMs: number) => number;
  /** Returns whether it refuses everything at a moment, for want of capacity (never). */
  readonly isOutAt?: (nowMs: number) => boolean;
  /** How many answers may be under way (any number). */
  readonly maxInFlight?: number;
  /** The share of the tokens that another client takes all the time (0). */
  readonly othersShare?: number;
}
