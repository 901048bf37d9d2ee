import { DAY_MS, type Period, type PeriodOf, periodNamed } from './period.ts';

/** The tokens that count within a period. */
export interface PeriodState {
  /** `YYYY-MM-DD` or `YYYY-MM`, UTC. */
  readonly period: string;
  /** Including the tokens set aside for requests under way. */
  readonly used: number;
}

/**
 * The tokens of one period. A charge refers to it, so that it is settled there even after the next period has begun.
 */
export class PeriodCount {
  period: Period;
  settled = 0;
  reserved = 0;

  constructor(period: Period) {
    this.period = period;
  }

  get used(): number {
    return this.settled + this.reserved;
  }

  settle(reserved: number, spent: number): void {
    this.reserved -= reserved;
    this.settled += spent;
  }
}

const NO_PERIOD: Period = {
  id: '',
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.NEGATIVE_INFINITY,
};

/**
 * A limit on the tokens of a day or a month. It counts even without a limit, so that a limit set later knows what was
 * spent. If the clock steps back a little, the later period stays the current one, so that none begins twice.
 */
export class CalendarLimit {
  /** Undefined: no limit. */
  value: number | undefined;
  readonly #periodOf: PeriodOf;
  #current = new PeriodCount(NO_PERIOD);
  #previous: PeriodCount | undefined;
  /** The count of the period that the clock went back from. */
  #left: PeriodState | undefined;

  constructor(periodOf: PeriodOf) {
    this.#periodOf = periodOf;
  }

  /** Returns the tokens that count in the current period. */
  at(wallMs: number): PeriodCount {
    const { startMs, endMs } = this.#current.period;
    if (wallMs >= endMs) this.#begin(this.#periodOf(wallMs));
    else if (wallMs < startMs - DAY_MS) this.#goBack(this.#periodOf(wallMs));
    return this.#current;
  }

  /**
   * Returns whether there is room. With nothing under way, the remainder must only hold the text: the rest of the
   * estimate is a guess, and a guess must not keep the last of a quota from being spent.
   */
  hasRoomFor(textTokens: number, answerTokens: number, wallMs: number): boolean {
    const { value } = this;
    if (value === undefined) return true;
    const { used, reserved } = this.at(wallMs);
    const least = reserved > 0 ? textTokens + answerTokens : textTokens;
    return used < value && used + least <= value;
  }

  /** Sets tokens aside: at most the remainder, unless there is no limit. */
  reserve(tokens: number, wallMs: number): number {
    const count = this.at(wallMs);
    const reserved =
      this.value === undefined ? tokens : Math.min(tokens, Math.max(0, this.value - count.used));
    count.reserved += reserved;
    return reserved;
  }

  get state(): PeriodState | undefined {
    const { period, used } = this.#current;
    return used === 0 ? undefined : { period: period.id, used };
  }

  /** Restores the count of before a restart, unless more is known already, or a later period. */
  restore({ period: id, used }: PeriodState): void {
    const period = periodNamed(id, this.#periodOf);
    if (period === undefined || !Number.isFinite(used) || used < 0) return;
    if (id < this.#current.period.id) return;
    if (id > this.#current.period.id) this.#begin(period);
    this.#current.settled += Math.max(0, used - this.#current.used);
  }

  #begin(period: Period): void {
    this.#previous = this.#current;
    this.#current = new PeriodCount(period);
    const left = this.#left;
    if (left === undefined || period.id < left.period) return;
    this.#left = undefined;
    // Not after the period before it: then it was the later clock that was wrong, and this one has only come now.
    const isAgain = period.id === left.period && this.#previous.period.endMs < period.startMs;
    if (isAgain) this.#current.settled = left.used;
  }

  /**
   * The clock was wrong by more than a day and is right again, or the other way around: nothing counted is lost, and
   * nobody waits for a distant day.
   */
  #goBack(period: Period): void {
    if (this.#previous?.period.id === period.id) this.#current.settled += this.#previous.used;
    else this.#left ??= this.state;
    this.#previous = undefined;
    this.#current.period = period;
  }
}
