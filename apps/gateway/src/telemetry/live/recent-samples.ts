/** The last few measurements, and their times: enough for percentiles on display. */
export class RecentSamples {
  readonly #values: Float64Array;
  readonly #atMs: Float64Array;
  #count = 0;

  /** @param size the number of measurements that are kept */
  constructor(size: number) {
    this.#values = new Float64Array(size);
    this.#atMs = new Float64Array(size);
  }

  add(value: number, nowMs: number): void {
    const place = this.#count++ % this.#values.length;
    this.#values[place] = value;
    this.#atMs[place] = nowMs;
  }

  /** Returns the percentiles of the measurements since a moment, for these shares; undefined if there are none. */
  percentiles<const Shares extends readonly number[]>(
    shares: Shares,
    sinceMs: number,
  ): { readonly [Place in keyof Shares]: number } | undefined {
    const kept = this.#values.subarray(0, Math.min(this.#count, this.#values.length));
    const recent = kept.filter((_, place) => (this.#atMs[place] as number) >= sinceMs).sort();
    if (recent.length === 0) return undefined;
    const at = (share: number) => recent[Math.max(0, Math.ceil(share * recent.length) - 1)] as number;
    return shares.map(at) as { readonly [Place in keyof Shares]: number };
  }
}
