import type { AttemptRecord, ExhaustedCause, PriorityClass } from '@spillway/core';

/** nginx's status for a client that left before its response began. */
export const CLIENT_LEFT = 499;

/**
 * The record of one request, filled in as it goes; what it never reached stays as it is here. A class, as an object that
 * its fields are added to one by one would be moved with nearly each of them.
 */
export class Exchange {
  /** Unique; in the log line and in `x-spillway-request-id`. */
  readonly id: string;
  /** On a monotonic clock. */
  readonly startedMs: number;
  readonly method: string;
  deployment: string | undefined;
  operation: string | undefined;
  /** How urgent it was, where there are classes. */
  priorityClass: PriorityClass | undefined;
  requestBytes: number | undefined;
  /** Whether the body was too large to be kept, so that it went to one backend only. */
  isUpload = false;
  /** Why no backend served it. */
  cause: ExhaustedCause | undefined;
  attempts: readonly AttemptRecord[] = [];
  /** How long it waited for quota. */
  waitedMs = 0;
  /** When the outcome was settled and the response could begin, on the clock of `startedMs`. */
  respondedMs: number | undefined;
  responseBytes: number | undefined;
  /** The status that the client saw. */
  status = 0;
  /** When nothing more was to be done, on the clock of `startedMs`. */
  endedMs: number;
  /** How the response ended. */
  ending: 'complete' | 'interrupted' | 'abandoned' = 'complete';

  constructor(id: string, startedMs: number, method: string) {
    this.id = id;
    this.startedMs = startedMs;
    this.method = method;
    this.endedMs = startedMs;
  }
}
