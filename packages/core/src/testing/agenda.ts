/** A schedule of events, in a time that is only a number. */
export class Agenda {
  /** The latest first. */
  readonly #entries: { readonly atMs: number; readonly happen: (nowMs: number) => void }[] = [];

  /** Among events at the same time, the one added first happens first. */
  add(atMs: number, happen: (nowMs: number) => void): void {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.atMs ?? 0) <= atMs) high = middle;
      else low = middle + 1;
    }
    this.#entries.splice(low, 0, { atMs, happen });
  }

  /** Lets every event happen, including those added meanwhile. */
  run(): void {
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      entry.happen(entry.atMs);
    }
  }
}
