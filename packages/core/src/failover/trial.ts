import type { Attempt, AttemptRecord, Spill } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { Outcome } from '../outcome.ts';
import type { Lease } from '../pool/lease.ts';

/** An attempt that is under way. */
export interface Trial<B extends Backend> {
  readonly attempt: Attempt<B>;
  /** Why it did not go to the first priority group. */
  readonly spill: Spill | undefined;
  readonly lease: Lease<B>;
  /** How long it may take until its response's headers before another attempt follows. */
  readonly timeLimitMs: number;
}

/** Returns the record of an attempt that has ended at `nowMs`. */
export function recordOf<B extends Backend>(
  { attempt: { number, backend, deployment }, spill, lease: { startedMs } }: Trial<B>,
  outcome: Outcome,
  nowMs: number,
): AttemptRecord<B> {
  return { number, backend, deployment, outcome, startedMs, durationMs: nowMs - startedMs, spill };
}
