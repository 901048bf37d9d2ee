/** What we charge is not quite what a backend counts: so near to what was taken lately, a refusal may be for the limit. */
const NEAR_TAKEN = 0.95;
/** The part by which a limit grows in a minute without a refusal, in two by eight times that: slowly at first, as CUBIC does. */
const GROWTH = 0.01;
/** A limit of few requests grows by this at least: by one in two minutes. */
const MIN_GROWTH = 1 / 8;
/** So much more than was refused must be taken to show that the limit is higher now, as nobody counts exactly alike. */
const DISPROOF = 0.02;
/** The limit is taken to be below what was refused by this part; with each refusal that follows soon, by twice as much. */
const MIN_STEP = 0.006;
const MAX_STEP = 0.03;
const SOON_MINUTES = 0.25;
/** While the limit keeps us below it, what was taken before fades no faster than by this in a minute. */
const FADING = 0.01;
/** The limit keeps us below it if more than this part of it was taken. */
const HELD = 0.9;
/** Nobody is kept from sending one request at a time. */
const MIN_LEVEL = 2;

/**
 * A limit that nobody tells, as it shows in what is taken and what is refused. A level is what has been charged within the
 * window, with the request in question. The limit is never set much below what was taken in the last minute or two, so that a
 * refusal for another reason takes nothing away, and it grows until the next refusal, so that a raised one is found.
 */
export class LearnedLimit {
  readonly #minuteMs: number;
  readonly #leastOfTaken: number;
  readonly #watchMs: number;
  #watchedSinceMs: number | undefined;
  /** The highest level that was taken in this minute, and in the one before. */
  #taken = 0;
  #takenBefore = 0;
  #minuteSinceMs = 0;
  /** The level that was refused last. */
  #refused = 0;
  #refusedMs = Number.NEGATIVE_INFINITY;
  #step = MIN_STEP;
  /** What was believed to fit right after the refusal. */
  #base = 0;
  #limit: number | undefined;

  /**
   * @param minuteMs the length of the longest window
   * @param leastOfTaken a refusal may be for this limit if more than this part of what was taken lately had been charged
   * @param watchMs for so long nothing is learned: what was spent before a restart counts still, and too little was taken yet
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

  /** Forgets the limit. What was taken still counts for the next. */
  forget(): void {
    this.#limit = undefined;
  }

  /** Forgets all, so that nothing is learned for as long as at first. */
  restart(): void {
    this.#watchedSinceMs = undefined;
    this.#limit = undefined;
  }

  /** Takes note of a request that was taken. Returns whether the limit has changed. */
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

  /** Takes note of a request that was refused. Returns whether that may be for this limit, which then is known. */
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

  /** In the middle between what was taken and what was refused, and below the latter. */
  #between(taken: number): number {
    return Math.min((taken + this.#refused) / 2, this.#refused - 1);
  }

  /** Returns since when all is noted. */
  #watch(nowMs: number): number {
    if (this.#watchedSinceMs === undefined) {
      this.#watchedSinceMs = this.#minuteSinceMs = nowMs;
      this.#taken = this.#takenBefore = 0;
    }
    if (nowMs - this.#minuteSinceMs >= this.#minuteMs) this.#passMinute(nowMs);
    return this.#watchedSinceMs;
  }

  /**
   * Forgets what was taken in the minute before. Not so if no more was sent because of the limit itself: then a refusal that
   * follows another would lower it again and again, whatever they are for.
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
