/**
 * Our charges differ slightly from the backend's count, so a refusal this close to recent usage may be for the limit.
 */
const NEAR_TAKEN = 0.95;
/**
 * The part by which a limit grows in one minute without a refusal; in two minutes eight times that: slowly at first, as
 * CUBIC does.
 */
const GROWTH = 0.01;
/** The minimum growth of a limit of few requests: one in two minutes. */
const MIN_GROWTH = 1 / 8;
/**
 * Usage must exceed a refused level by this part to show that the limit is higher now, as counts are never exactly
 * alike.
 */
const DISPROOF = 0.02;
/** The limit is assumed to be this part below the refused level; twice as much with each refusal that soon follows. */
const MIN_STEP = 0.006;
const MAX_STEP = 0.03;
const SOON_MINUTES = 0.25;
/** While the limit holds us back, usage of earlier minutes fades by at most this part in a minute. */
const FADING = 0.01;
/** The limit counts as holding us back if more than this part of it was used. */
const HELD = 0.9;
/** One request at a time can always be sent. */
const MIN_LEVEL = 2;

/**
 * A limit that the backend does not report, learned from its accepted and refused requests. A level is the charge
 * within the window, including the request in question. The limit is never set much below the usage of the last minute
 * or two, so that a refusal for another reason costs nothing, and it grows until the next refusal, so that a raised
 * limit is found.
 */
export class LearnedLimit {
  readonly #minuteMs: number;
  readonly #leastOfTaken: number;
  readonly #watchMs: number;
  #watchedSinceMs: number | undefined;
  /** The highest accepted level in this minute, and in the one before. */
  #taken = 0;
  #takenBefore = 0;
  #minuteSinceMs = 0;
  /** The last refused level. */
  #refused = 0;
  #refusedMs = Number.NEGATIVE_INFINITY;
  #step = MIN_STEP;
  /** The level believed to fit right after the refusal. */
  #base = 0;
  #limit: number | undefined;

  /**
   * @param minuteMs the length of the longest window
   * @param leastOfTaken a refusal may be for this limit if more than this part of recent usage had been charged
   * @param watchMs nothing is learned for this long: usage before a restart still counts, and too little has been
   *   accepted yet
   */
  constructor(minuteMs: number, leastOfTaken = NEAR_TAKEN, watchMs = minuteMs) {
    this.#watchMs = watchMs;
    this.#minuteMs = minuteMs;
    this.#leastOfTaken = leastOfTaken;
  }

  /** The limit, a whole number, or undefined as long as nothing is known of it. */
  get limit(): number | undefined {
    return this.#limit;
  }

  /** Forgets the limit. Earlier usage still counts for the next. */
  forget(): void {
    this.#limit = undefined;
  }

  /** Forgets everything, so that nothing is learned for as long as at first. */
  restart(): void {
    this.#watchedSinceMs = undefined;
    this.#limit = undefined;
  }

  /** Notes an accepted request. Returns whether the limit has changed. */
  noteTaken(level: number, sentMs: number, nowMs: number): boolean {
    this.#watch(nowMs);
    if (level > this.#taken) this.#taken = level;
    if (this.#limit === undefined) return false;
    if (sentMs > this.#refusedMs && level > this.#refused * (1 + DISPROOF) - 1) {
      this.#limit = undefined;
      return true;
    }
    if (level > this.#base) this.#base = this.#between(level);
    const minutes = (nowMs - this.#refusedMs) / this.#minuteMs;
    const grown = Math.floor(this.#base + Math.max(this.#base * GROWTH, MIN_GROWTH) * minutes ** 3);
    if (grown <= this.#limit) return false;
    this.#limit = grown;
    return true;
  }

  /** Notes a refused request. Returns whether the refusal may be for this limit, which is then known. */
  noteRefused(level: number, sentMs: number, nowMs: number): boolean {
    if (nowMs - this.#watch(nowMs) < this.#watchMs) return false;
    const taken = Math.max(this.#taken, this.#takenBefore);
    if (level < MIN_LEVEL || level <= taken * this.#leastOfTaken) return false;
    const isSoon = nowMs - this.#refusedMs < this.#minuteMs * SOON_MINUTES;
    this.#step = isSoon ? Math.min(this.#step * 2, MAX_STEP) : MIN_STEP;
    const wasSentBefore = this.#limit !== undefined && sentMs <= this.#refusedMs;
    this.#refused = wasSentBefore ? Math.min(this.#refused, level) : level;
    this.#refusedMs = nowMs;
    this.#base = Math.min(this.#between(taken), this.#refused * (1 - this.#step));
    this.#limit = Math.floor(this.#base);
    return true;
  }

  /** Halfway between the accepted and the refused level, and below the refused one. */
  #between(taken: number): number {
    return Math.min((taken + this.#refused) / 2, this.#refused - 1);
  }

  /** Returns since when everything is noted. */
  #watch(nowMs: number): number {
    if (this.#watchedSinceMs === undefined) {
      this.#watchedSinceMs = this.#minuteSinceMs = nowMs;
      this.#taken = this.#takenBefore = 0;
    }
    if (nowMs - this.#minuteSinceMs >= this.#minuteMs) this.#passMinute(nowMs);
    return this.#watchedSinceMs;
  }

  /**
   * Forgets the usage of the minute before, unless the limit itself kept it down: otherwise a series of refusals would
   * lower the limit again and again, whatever they were for.
   */
  #passMinute(nowMs: number): void {
    const minutes = Math.floor((nowMs - this.#minuteSinceMs) / this.#minuteMs);
    this.#minuteSinceMs += minutes * this.#minuteMs;
    const isHeld = this.#limit !== undefined && this.#taken > this.#limit * HELD;
    const faded = isHeld ? this.#takenBefore * (1 - FADING) : 0;
    this.#takenBefore = minutes > 1 ? 0 : Math.max(this.#taken, faded);
    this.#taken = 0;
  }
}
