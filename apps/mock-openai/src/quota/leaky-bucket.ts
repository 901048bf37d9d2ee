/** A bucket that is filled by calls and drains all the time; it may run over a little, and takes nothing while it does. */
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

  /** Pours in an amount; a negative one corrects an earlier one that was too much, but never below empty. */
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

  /** Returns how long it runs over if nothing is poured in; 0 when it takes calls. */
  overForMs(nowMs: number): number {
    const overMs = (this.levelAt(nowMs) - this.capacity) / this.#drainPerMs;
    // What floating point leaves over after the wait it asked for is no reason to wait again.
    return overMs > 1e-6 ? overMs : 0;
  }
}
