import type { PriorityClass, TokenEstimate } from '@spillway/core';

/** A try at a backend, as the log has it. */
export interface LoggedAttempt {
  readonly backend: string;
  readonly isServed: boolean;
  readonly isThrottled: boolean;
}

/** A client's request, as the log has it. */
export interface LoggedRequest {
  /** When it came, ms since 1970. */
  readonly arrivedMs: number;
  readonly deployment: string;
  /** Absent if it was the usual one. */
  readonly priorityClass: PriorityClass | undefined;
  /** Absent if it spends no tokens, as far as can be told. */
  readonly estimate: TokenEstimate | undefined;
  /** Whether the line has no estimate, so that it was taken from the request's length. */
  readonly isGuessed: boolean;
  /** The tokens of the answer, where that was read. */
  readonly outputTokens: number | undefined;
  readonly requestBytes: number;
  /** From the last attempt's start to its answer's head, and from there to the answer's end; absent if it was not served. */
  readonly headMs: number | undefined;
  readonly bodyMs: number | undefined;
  readonly attempts: readonly LoggedAttempt[];
  /** Whether quota ran out: it was refused for that, or had to wait. */
  readonly wasShort: boolean;
  /** Whether it went the usual way, of which `logSuccesses` may leave lines out. */
  readonly isPlain: boolean;
  /** The share of those like it that have a line (`logSuccesses`); 1 if all have. */
  readonly share: number;
}
