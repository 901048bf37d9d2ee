const SECOND_MS = 1000;

/** Counts events of the last seconds, second by second. */
export class RollingCount {
  readonly #slots: Float64Array;
  /** The latest second with an event. */
  #second = 0;

  /** @param seconds how many past seconds it remembers */
  constructor(seconds: number) {
    // One more, as the present second is not over.
    this.#slots = new Float64Array(seconds + 1);
  }

  /** Counts events of this moment; late ones count with the latest second. */
  add(amount: number, nowMs: number): void {
    const slots = this.#slots;
    const second = Math.floor(nowMs / SECOND_MS);
    if (second > this.#second) {
      const from = Math.max(this.#second + 1, second - slots.length + 1);
      for (let passed = from; passed <= second; passed++) slots[passed % slots.length] = 0;
      this.#second = second;
    }
    slots[this.#second % slots.length] = (slots[this.#second % slots.length] as number) + amount;
  }

  /** Returns the count of the last seconds, the present one included. */
  within(seconds: number, nowMs: number): number {
    return this.#sum(Math.floor(nowMs / SECOND_MS) - seconds + 1, Number.POSITIVE_INFINITY);
  }

  /** Returns the count per second of the last complete seconds, and of the present one so far. */
  perSecond(seconds: number, nowMs: number): number {
    const present = Math.floor(nowMs / SECOND_MS);
    const soFar = nowMs / SECOND_MS - present;
    return this.#sum(present - seconds, present) / (seconds + soFar);
  }

  #sum(fromSecond: number, untilSecond: number): number {
    const slots = this.#slots;
    const first = Math.max(fromSecond, this.#second - slots.length + 1, 0);
    const last = Math.min(untilSecond, this.#second);
    let sum = 0;
    for (let second = first; second <= last; second++) sum += slots[second % slots.length] as number;
    return sum;
  }
}
