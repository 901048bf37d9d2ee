import type { StateSnapshot } from '../admin-types.ts';

/** The start of a process is known from two clocks, which drift apart. */
const TOLERANCE_MS = 2000;
const MAX_KNOWN = 8;
/** Said this long after it was last seen, as a balancer may send several snapshots in a row from one of them. */
const SAID_FOR_MS = 60_000;

/**
 * Notices that snapshots come from several processes in turn, as where a balancer chooses one for each connection. A
 * process that was started anew is none of those that were seen before.
 */
export class ReplicaWatch {
  /** When each process was started, by its own clock; the newest seen last. */
  readonly #startedMs: number[] = [];
  #returnedAtMs = Number.NEGATIVE_INFINITY;

  note({ atMs, process }: Pick<StateSnapshot, 'atMs' | 'process'>, nowMs: number): void {
    const startedMs = atMs - process.uptimeMs;
    const place = this.#startedMs.findLastIndex((known) => Math.abs(known - startedMs) <= TOLERANCE_MS);
    if (place !== -1 && place < this.#startedMs.length - 1) this.#returnedAtMs = nowMs;
    if (place !== -1) this.#startedMs.splice(place, 1);
    this.#startedMs.push(startedMs);
    if (this.#startedMs.length > MAX_KNOWN) this.#startedMs.shift();
  }

  areSeveral(nowMs: number): boolean {
    return nowMs - this.#returnedAtMs < SAID_FOR_MS;
  }
}
