/** A pay-as-you-go quota of a simulated backend, and what its answers report about it. */
export interface StandardQuota {
  /** Tokens per minute; without it they are not limited. */
  readonly tpm?: number;
  /** Requests per minute, of which each short window has its share; without it they are not limited. */
  readonly rpm?: number;
  /** The average charge of a call, from which the allowance of a quota without `tpm` is computed. */
  readonly tokensPerCall?: number;
  /** The window that tokens are counted in, and that `rpm` refers to (a minute). */
  readonly tokenWindowMs?: number;
  /** The short window that requests are counted in (10 s). */
  readonly requestWindowMs?: number;
  /** Whether all tokens come back at the next minute, rather than each 60 s after it was charged. */
  readonly isFixed?: boolean;
  /** Whether answers report the limits and their remainders (true). */
  readonly isTold?: boolean;
  /** The window whose requests are reported (a minute). */
  readonly toldWindowMs?: number;
  /** Returns the seconds that a refusal says to wait, given the real wait; undefined says nothing (the real wait). */
  readonly tellWait?: (seconds: number) => number | undefined;
  /** Returns the factor of the limits at a moment (1). */
  readonly factorAt?: (nowMs: number) => number;
  /** Returns whether it refuses everything at a moment, for lack of capacity (never). */
  readonly isOutAt?: (nowMs: number) => boolean;
  /** How many answers may be under way (any number). */
  readonly maxInFlight?: number;
  /** The share of the tokens that another client takes all the time (0). */
  readonly othersShare?: number;
}
