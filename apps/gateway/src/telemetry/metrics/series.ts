/** A larger amount is no real count: a backend may report any number of tokens, infinity included. */
const MAX_AMOUNT = 1e12;

/** A number that only grows. Its user keeps it, so that nothing has to be looked up. */
export class Counter {
  value = 0;

  add(amount: number): void {
    if (amount > 0 && amount <= MAX_AMOUNT) this.value += amount;
  }
}

/** Counts of measurements by size. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** By bucket, not cumulative; the last is for values above any bound. */
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
