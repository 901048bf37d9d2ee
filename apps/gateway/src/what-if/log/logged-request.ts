import type { PriorityClass, TokenEstimate } from '@spillway/core';

/** An attempt at a backend, from the log. */
export interface LoggedAttempt {
  readonly backend: string;
  /** The deployment that it was for, if that is another than served the request in the end. */
  readonly deployment: string | undefined;
  readonly isServed: boolean;
  readonly isThrottled: boolean;
}

/** A client's request, from the log. */
export interface LoggedRequest {
  /** Unique among all requests. */
  readonly id: string | undefined;
  /** Its arrival, ms since 1970. */
  readonly arrivedMs: number;
  /** The one that was asked last: that of a fallback, if there was one. */
  readonly deployment: string;
  /** The one that the client asked for, where a fallback was asked instead. */
  readonly fallbackFrom: string | undefined;
  /** Whether the fallback was asked because the client's own budget was spent, so that nothing is known of the other. */
  readonly isOverBudget: boolean;
  /** Absent for the usual class. */
  readonly priorityClass: PriorityClass | undefined;
  /** Absent if it spends no tokens, as far as is known. */
  readonly estimate: TokenEstimate | undefined;
  /** Whether the line has no estimate, so that it was derived from the request's length. */
  readonly isGuessed: boolean;
  /** The tokens of the answer, where the gateway read them. */
  readonly outputTokens: number | undefined;
  /** The tokens of the prompt that the backend had in its prompt cache, where the gateway read them. */
  readonly cachedTokens: number | undefined;
  readonly requestBytes: number;
  /**
   * From the last attempt's start to its answer's head, and from there to the answer's end; absent if it was not
   * served.
   */
  readonly headMs: number | undefined;
  readonly bodyMs: number | undefined;
  readonly attempts: readonly LoggedAttempt[];
  /** Whether quota ran out: it was refused for that reason, fell back, or had to wait. */
  readonly wasShort: boolean;
  /** Whether it went the usual way; `logSuccesses` may leave out lines of such requests. */
  readonly isPlain: boolean;
  /** The share of requests like it that have a line (`logSuccesses`); 1 if all have. */
  readonly share: number;
}
