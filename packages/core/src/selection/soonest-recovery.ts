import type { Backend } from '../backend.ts';
import type { BackendCandidate } from './select-backend.ts';

/** A backend that cannot be sent a request now, and when it can. */
export interface Recovery<B extends Backend> {
  readonly backend: B;
  /** Ms on the pool's clock; not above the present if the probes of its recovery will decide. */
  readonly recoversAtMs: number;
}

/**
 * Returns which backend, apart from those that are cooling for failures, can take a request first.
 *
 * @param askAtMs from when on the request may be sent to a backend, room or not; infinity if never
 */
export function firstToRecover<B extends Backend>(
  candidates: readonly BackendCandidate<B>[],
  askAtMs: (backend: B) => number,
): Recovery<B> | undefined {
  let first: Recovery<B> | undefined;
  for (const candidate of candidates) {
    const { backend } = candidate;
    if (candidate.availability === 'cooling') continue;
    const recoversAtMs = Math.max(candidate.recoversAtMs(), askAtMs(backend));
    if (recoversAtMs < (first?.recoversAtMs ?? Number.POSITIVE_INFINITY)) first = { backend, recoversAtMs };
  }
  return first;
}
