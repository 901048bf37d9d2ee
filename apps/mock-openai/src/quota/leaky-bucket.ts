/**
 * A bucket that is filled by calls and drains all the time; it may overflow slightly, and takes nothing while it does.
 */
export class LeakyBucket {
  readonly capacity: number;
  readonly emptiesInMs: number;
  readonly #drainPerMs: number;
  #level = 0;
  #sinceMs = 0;

  /** A bucket that drains from full to empty in `emptiesInMs`. */
  constructor(capacity: number, emptiesInMs: number) {
    this.capacity = capacity;
    this.emptiesInMs = emptiesInMs;
    this.#drainPerMs = capacity / emptiesInMs;
  }

  /** Pours in an amount; a negative amount corrects an earlier one that was too large, but never below empty. */
  pour(amount: number, nowMs: number): void {
    this.#level = Math.max(0, this.levelAt(nowMs) + amount);
    this.#sinceMs = nowMs;
  }

  /** Returns how much is in it. */
  levelAt(nowMs: number): number {
    return Math.max(0, this.#level - (nowMs - this.#sinceMs) * this.#drainPerMs);
  }

  /** Returns how full it is: 1 is full, more is over. */
  utilizationAt(nowMs: number): number {
    return this.levelAt(nowMs) / this.capacity;
  }

  /** Returns how long it overflows if nothing is poured in; 0 when it takes calls. */
  overForMs(nowMs: number): number {
    const overMs = (this.levelAt(nowMs) - this.capacity) / this.#drainPerMs;
    // A floating-point remainder after the requested wait is no reason to wait again.
    return overMs > 1e-6 ? overMs : 0;
  }
}
