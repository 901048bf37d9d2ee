import type { AttemptRecord } from '../attempt.ts';
import type { Backend } from '../backend.ts';

interface Refusal {
  times: number;
  /** When the backend may be asked again at the earliest. */
  askAtMs: number;
  /** Whether the request has begun to wait since. */
  isBeforeWait: boolean;
}

/** The pool's view of a quota may be wrong repeatedly, so each pause is twice as long as the last. */
const FIRST_PAUSE_MS = 100;

/**
 * The backends that have refused a request for lack of quota. These are the only ones a request may try twice, and only
 * after a wait: once for each time that it went to wait, and never right after the refusal.
 */
export class Refusals {
  /** By the backend's name, as a reload makes new backends. */
  readonly #refusals = new Map<string, Refusal>();
  #surprises = 0;

  /** @param wasExpected whether no room was known for it */
  note(backend: Backend, nowMs: number, wasExpected = false): void {
    const times = (this.#refusals.get(backend.name)?.times ?? 0) + 1;
    if (!wasExpected) this.#surprises++;
    const askAtMs = nowMs + FIRST_PAUSE_MS * 2 ** (times - 1);
    this.#refusals.set(backend.name, { times, askAtMs, isBeforeWait: false });
  }

  /** Whether it was refused more than once despite apparent room: the pool's view of a quota is wrong for it. */
  get areSurprising(): boolean {
    return this.#surprises > 1;
  }

  /** The request begins to wait. */
  prepareToWait(): void {
    for (const refusal of this.#refusals.values()) refusal.isBeforeWait = true;
  }

  /** Returns from when on a backend that refused may be asked again; infinity before the request has begun to wait. */
  askAtMs(backend: Backend): number {
    const refusal = this.#refusals.get(backend.name);
    return refusal?.isBeforeWait ? refusal.askAtMs : Number.POSITIVE_INFINITY;
  }
}

/** Returns the earliest time a request may be sent to a backend, given its attempts so far; infinity if never. */
export function openAtMs(
  backend: Backend,
  attempts: readonly AttemptRecord[],
  refusals: Refusals | undefined,
): number {
  let atMs = Number.NEGATIVE_INFINITY;
  for (const attempt of attempts) {
    if (attempt.backend.name !== backend.name) continue;
    if (attempt.outcome.kind !== 'throttled' || refusals === undefined) return Number.POSITIVE_INFINITY;
    atMs = refusals.askAtMs(backend);
  }
  return atMs;
}
