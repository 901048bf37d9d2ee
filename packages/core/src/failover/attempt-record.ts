import type { AttemptRecord } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { Outcome } from '../outcome.ts';
import type { Trial } from './transport.ts';

/** Returns the record of an attempt that has ended at `nowMs`. */
export function recordOf<B extends Backend>(
  { attempt: { number, backend, deployment }, spill, lease: { startedMs } }: Trial<B>,
  outcome: Outcome,
  nowMs: number,
): AttemptRecord<B> {
  return { number, backend, deployment, outcome, startedMs, durationMs: nowMs - startedMs, spill };
}
