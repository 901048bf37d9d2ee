/** More is nothing that was counted: a backend may say any number of tokens, infinity included. */
const MAX_AMOUNT = 1e12;

/** One number that only grows. Whoever counts keeps it, so that nothing has to be looked up. */
export class Counter {
  value = 0;

  add(amount: number): void {
    if (amount > 0 && amount <= MAX_AMOUNT) this.value += amount;
  }
}

/** How often something was how large. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** By bucket, not cumulated; the last is for what is larger than any bound. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] as number)) place++;
    this.counts[place] = (this.counts[place] as number) + 1;
    this.sum += value;
  }
}
