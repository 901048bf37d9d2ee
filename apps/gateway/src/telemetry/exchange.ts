import type { AttemptRecord, ExhaustedCause, PriorityClass } from '@spillway/core';

/** The record of one request, filled in as it goes; what it never reached stays undefined. */
export interface Exchange {
  /** Unique; in the log line and in `x-spillway-request-id`. */
  readonly id: string;
  /** On a monotonic clock. */
  readonly startedMs: number;
  readonly method: string;
  deployment?: string;
  operation?: string;
  /** How urgent it was, where there are classes. */
  priorityClass?: PriorityClass | undefined;
  requestBytes?: number;
  /** Whether the body was too large to be kept, so that it went to one backend only. */
  isUpload?: boolean;
  /** Why no backend served it. */
  cause?: ExhaustedCause;
  attempts?: readonly AttemptRecord[];
  /** How long it waited for quota. */
  waitedMs?: number;
  /** When the outcome was settled and the response could begin, on the clock of `startedMs`. */
  respondedMs?: number;
  responseBytes?: number;
  /** The status that the client saw. */
  status?: number;
  /** When nothing more was to be done, on the clock of `startedMs`. */
  endedMs?: number;
  /** How the response ended. */
  ending?: 'complete' | 'interrupted' | 'abandoned';
}
