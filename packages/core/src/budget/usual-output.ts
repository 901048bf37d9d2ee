/** The number of buckets for each doubling of an answer's tokens: a quantile is accurate to a fifth. */
const PER_DOUBLING = 4;
/** The last one is for a million tokens and more. */
const BUCKETS = 80;
const SHARE = 0.95;
/** With fewer answers nothing is known. */
const MIN_KNOWN = 20;
/** At this number of answers the older ones count half. */
const MAX_KNOWN = 1000;
/** After this number of answers the quantile is looked up anew. */
const UPDATE_EVERY = 10;
/** An answer of a few pages: the expectation before anything is known. */
const DEFAULT_TOKENS = 1000;

/** The recent length of a client's answers: the value that 95 of 100 do not exceed. */
export class UsualOutput {
  readonly #counts = new Uint16Array(BUCKETS);
  #total = 0;
  #sinceUpdate = 0;
  #tokens = DEFAULT_TOKENS;

  /** The most tokens that an answer may be expected to have. */
  get tokens(): number {
    return this.#tokens;
  }

  note(outputTokens: number): void {
    const bucket = Math.min(BUCKETS - 1, Math.floor(Math.log2(outputTokens + 1) * PER_DOUBLING));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    this.#sinceUpdate++;
    if (this.#total < MIN_KNOWN || this.#sinceUpdate < UPDATE_EVERY) return;
    this.#sinceUpdate = 0;
    this.#tokens = this.#quantile();
    if (this.#total >= MAX_KNOWN) this.#forgetHalf();
  }

  /** Returns the upper end of its bucket. */
  #quantile(): number {
    let left = this.#total * SHARE;
    let bucket = -1;
    do left -= this.#counts[++bucket] ?? 0;
    while (left > 0 && bucket < BUCKETS - 1);
    return Math.ceil(2 ** ((bucket + 1) / PER_DOUBLING) - 1);
  }

  #forgetHalf(): void {
    this.#total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) >> 1;
      this.#total += this.#counts[bucket] ?? 0;
    }
  }
}
