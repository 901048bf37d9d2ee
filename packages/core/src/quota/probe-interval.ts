/** A quota that seems spent is tried anyway after being left alone for this part of a minute. */
const PROBE_PART = 0.25;
/** After each refused try the time doubles, up to this many minutes. */
const LONGEST_PROBE_PART = 2;

/** How long a quota that seems spent is left alone before it is tried. */
export class ProbeInterval {
  readonly #minuteMs: number;
  #ms: number;

  constructor(minuteMs: number) {
    this.#minuteMs = minuteMs;
    this.#ms = minuteMs * PROBE_PART;
  }

  /** Notes whether a try was refused. */
  note(wasRefused: boolean): void {
    const longestMs = this.#minuteMs * LONGEST_PROBE_PART;
    this.#ms = wasRefused ? Math.min(this.#ms * 2, longestMs) : this.#minuteMs * PROBE_PART;
  }

  /** Returns whether it was left alone long enough. */
  isOver(aloneMs: number): boolean {
    return aloneMs >= this.#ms;
  }
}
