/** A quota that seems spent is tried anyway after being left alone for this part of a minute. */
const PROBE_PART = 0.25;
/** After each refused try the time doubles, up to this many minutes. */
const LONGEST_PROBE_PART = 2;

/**
 * How long a quota that seems spent is left alone before it is tried. Each try that is served halves the time, as there
 * is more than is reported, so that soon every request may try; one refusal ends that.
 */
export class ProbeInterval {
  readonly #firstMs: number;
  readonly #longestMs: number;
  #ms: number;
  /** When a try was last refused. */
  #refusedMs = Number.NEGATIVE_INFINITY;

  constructor(minuteMs: number) {
    this.#firstMs = minuteMs * PROBE_PART;
    this.#longestMs = minuteMs * LONGEST_PROBE_PART;
    this.#ms = this.#firstMs;
  }

  /** Notes that a try was served, and whether it was made against a report; a limit only learned is now forgotten. */
  noteServed(wasTold: boolean): void {
    this.#ms = wasTold ? Math.min(this.#ms, this.#firstMs) / 2 : this.#firstMs;
  }

  /** Notes that a try sent at `sentMs` was refused. Tries that were under way together count as one. */
  noteRefused(sentMs: number, nowMs: number): void {
    if (sentMs < this.#refusedMs) return;
    this.#refusedMs = nowMs;
    this.#ms = Math.min(Math.max(this.#firstMs, this.#ms * 2), this.#longestMs);
  }

  /** Returns whether it was left alone long enough. */
  isOver(aloneMs: number): boolean {
    return aloneMs >= this.#ms;
  }
}
