/** The number of buckets for each doubling of the time: a quantile is accurate to a fifth. */
const PER_DOUBLING = 4;
/** The last one is for a quarter of an hour and more. */
const BUCKETS = 80;
/** With fewer answers nothing is known. */
const MIN_KNOWN = 20;
/** With fewer than these, one in a thousand may take much longer than any seen so far. */
const WELL_KNOWN = 3000;
/** At this number of answers the older ones count half. */
const MAX_KNOWN = 4000;
/** A second backend is never asked sooner. */
export const MIN_HEDGE_MS = 1000;
/** Factors for the usual time, and for the time that one answer in a thousand exceeds: slow days come. */
const TIMES_USUAL = 3;
const TIMES_RARE = 1.5;

/** How long recent answers of one kind took to begin. */
export class ResponseTimes {
  readonly #counts = new Uint16Array(BUCKETS);
  #total = 0;

  note(ms: number): void {
    const bucket = Math.min(BUCKETS - 1, ms <= 1 ? 0 : Math.floor(Math.log2(ms) * PER_DOUBLING));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (this.#total >= MAX_KNOWN) this.#forgetHalf();
  }

  /** Whether enough is known to call an answer late. */
  get isKnown(): boolean {
    return this.#total >= MIN_KNOWN;
  }

  /**
   * Returns the time after which an answer is so late that another backend may be asked as well; undefined if too
   * little is known.
   */
  get hedgeAfterMs(): number | undefined {
    if (!this.isKnown) return undefined;
    const rareMs = TIMES_RARE * this.#quantile(0.999) * Math.sqrt(Math.max(1, WELL_KNOWN / this.#total));
    return Math.max(MIN_HEDGE_MS, TIMES_USUAL * this.#quantile(0.5), rareMs);
  }

  /** The time after which an answer is probably late, judging by the longest of a few so far; about 0 for none. */
  get guessedLateMs(): number {
    return TIMES_USUAL * this.#quantile(1);
  }

  /** Returns the upper end of its bucket, in ms. */
  #quantile(share: number): number {
    let left = this.#total * (1 - share);
    let bucket = BUCKETS;
    do left -= this.#counts[--bucket] ?? 0;
    while (left >= 0 && bucket > 0);
    return 2 ** ((bucket + 1) / PER_DOUBLING);
  }

  /** Half of the slowest stay, too: odd ones are halved together, or else rare answers would be forgotten first. */
  #forgetHalf(): void {
    this.#total = 0;
    let odd = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      const count = (this.#counts[bucket] ?? 0) + odd;
      odd = count & 1;
      this.#counts[bucket] = count >> 1;
      this.#total += count >> 1;
    }
  }
}
