import type { LearnedLimit } from './learned-limit.ts';
import { RollingLedger, type SlotNumber } from './rolling-ledger.ts';

/** A charge of a window, and how the window stood with it. */
export interface Mark {
  readonly slot: SlotNumber;
  readonly sentMs: number;
  amount: number;
  /** What had ever stopped to count of our own charges. */
  readonly forgotten: number;
  /** How much of what counted the backend may have counted no longer. */
  readonly ending: number;
  /** What counted of our own charges with it, and what had ever been given back by then. */
  readonly level: number;
  readonly givenBack: number;
}

/**
 * How far apart our moment and the backend's may be for one charge: requests travel, and overtake one another. A charge
 * is given back so much later than it was made, as giving it back too early is a 429.
 */
const SKEW_MS = 25;

/** For this part of the window it is believed that what others use stays the same. */
const STEADY_PART = 0.5;

/** So much is still believed of what others use after an answer that can be explained without them. */
const CREDULITY = 0.5;

/**
 * What is left of a limit within a rolling window. Our own charges are known to the millisecond; what others spend, and
 * what we estimate wrongly, is the difference to what the backend says.
 */
export class RateWindow {
  readonly #lengthMs: number;
  readonly #ledger: RollingLedger;
  /** What refusals show of the limit as long as it is not told. */
  readonly #learned: LearnedLimit | undefined;
  /** What was ever given back. */
  #givenBack = 0;
  #configured: number | undefined;
  #told: number | undefined;
  #others = 0;
  #othersMs = 0;
  /** When the request was sent whose answer told the most recent. */
  #toldOfMs = Number.NEGATIVE_INFINITY;

  constructor(lengthMs: number, configured: number | undefined, learned?: LearnedLimit) {
    this.#lengthMs = lengthMs;
    this.#learned = learned;
    this.#ledger = new RollingLedger(lengthMs + SKEW_MS);
    this.#configured = configured;
  }

  /** The limit, or undefined if it is not known. What is configured may be less than the backend allows, or more. */
  get limit(): number | undefined {
    return lesserOf(this.#told ?? this.#learned?.limit, this.#configured);
  }

  /** Whether the backend tells the limit. */
  get isTold(): boolean {
    return this.#told !== undefined;
  }

  /** The limit as it is told or configured, undefined if it is neither. */
  get statedLimit(): number | undefined {
    return lesserOf(this.#told, this.#configured);
  }

  /** Takes another configured limit. */
  configure(limit: number | undefined): void {
    this.#configured = limit;
  }

  charge(amount: number, nowMs: number): Mark {
    const ledger = this.#ledger;
    const level = ledger.usedAt(nowMs) + amount;
    const ending = ledger.endingBy(nowMs + 2 * SKEW_MS);
    const slot = ledger.charge(amount, nowMs);
    const { forgotten } = ledger;
    return { slot, sentMs: nowMs, amount, forgotten, ending, level, givenBack: this.#givenBack };
  }

  /** Corrects a charge, or takes it back where the difference is its negative. */
  correct(mark: Mark, difference: number): void {
    mark.amount += difference;
    if (difference < 0) this.#givenBack -= difference;
    this.#ledger.correct(mark.slot, difference);
  }

  /** Takes note of a limit that is told. */
  learn(limit: number | undefined): void {
    this.#told = limit;
    if (limit !== undefined) this.#learned?.restart();
  }

  /** Takes note that the backend has taken a request. Returns whether a limit that nobody tells has changed. */
  noteTaken({ level, ending, givenBack, sentMs }: Mark, nowMs: number): boolean {
    if (this.#told !== undefined || this.#learned === undefined) return false;
    // What was given back since may have counted then, or not.
    const least = level - ending - (this.#givenBack - givenBack);
    return this.#learned.noteTaken(least, sentMs, nowMs);
  }

  /**
   * Takes note that the backend has refused a request, which was given back. Returns whether that may be because of a limit
   * that nobody tells.
   */
  noteRefused({ slot, sentMs, forgotten, ending }: Mark, amount: number, nowMs: number): boolean {
    if (this.#told !== undefined || this.#learned === undefined) return false;
    if (this.#ledger.hasForgotten(slot)) return false;
    const level = this.#ledger.usedBy(slot, forgotten) + amount - ending;
    return this.#learned.noteRefused(level, sentMs, nowMs);
  }

  /** Forgets a limit that nobody tells. */
  forgetLearned(): void {
    this.#learned?.forget();
  }

  /**
   * The least and the most that the backend can have counted of our own charges when it judged this one; undefined once
   * this one counts no longer, as what was said then tells nothing of the present window.
   */
  ownAt({ slot, sentMs, amount, forgotten, ending }: Mark): readonly [number, number] | undefined {
    const ledger = this.#ledger;
    if (ledger.hasForgotten(slot)) return undefined;
    const used = ledger.usedBy(slot, forgotten);
    const near = ledger.sumBefore(slot, sentMs - SKEW_MS) - amount;
    return [used - ending - Math.max(0, near), used + ledger.sumAfter(slot, sentMs + SKEW_MS)];
  }

  /** The most that the backend can have counted of our own charges within a shorter window when it judged this one. */
  mostWithin(lengthMs: number, { slot, sentMs }: Mark): number {
    const before = this.#ledger.sumBefore(slot, sentMs - lengthMs - 2 * SKEW_MS);
    return before + this.#ledger.sumAfter(slot, sentMs + SKEW_MS);
  }

  /** Takes note of what the backend said was left, of its limit, when it judged a charge. */
  observe(mark: Mark, limit: number | undefined, remaining: number, nowMs: number): void {
    if (mark.sentMs < this.#toldOfMs) return;
    this.#toldOfMs = mark.sentMs;
    this.#told = limit ?? this.#told;
    this.#learned?.restart();
    this.#ledger.usedAt(nowMs);
    const own = this.ownAt(mark);
    if (own === undefined) return;
    const [least, most] = own;
    // Before 2025 only what remains was told, not what it is the rest of.
    const whole = limit ?? Math.max(this.#told ?? 0, remaining + least);
    this.#told = whole;
    const used = whole - remaining;
    const believed = this.#othersAt(nowMs);
    // One late answer may say that there are others; if there are none, those after it allow for that.
    const mayBeAlone = used >= least && used <= most;
    const others = mayBeAlone ? believed * CREDULITY : believed;
    this.#others = Math.min(Math.max(others, used - most), used - least);
    this.#othersMs = nowMs;
  }

  /** Returns what is left, never below 0; undefined if the limit is not known. */
  remainingAt(nowMs: number): number | undefined {
    const { limit } = this;
    return limit === undefined ? undefined : Math.max(0, limit - this.#usedAt(nowMs));
  }

  /**
   * Returns for how much there is room beside what is reserved, now and as long as nothing is charged or told: what others
   * seem to have taken less than nothing of is counted in full again in time.
   */
  spareAt(reserved: number, nowMs: number): number {
    const { limit } = this;
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return limit * (1 - reserved) - this.#ledger.usedAt(nowMs) - Math.max(0, this.#othersAt(nowMs));
  }

  /** Returns whether there is room for an amount as far as the limit is told or configured. */
  hasStatedRoomAt(amount: number, nowMs: number): boolean {
    const { statedLimit } = this;
    return statedLimit === undefined || this.#usedAt(nowMs) + amount <= statedLimit;
  }

  /** Returns when there is room for an amount beside what is reserved: `nowMs` if there is now. */
  roomAtMs(amount: number, reserved: number, nowMs: number): number {
    const most = this.#mostBeside(amount, reserved);
    if (most === undefined || this.#usedAt(nowMs) <= most) return nowMs;
    return this.#ledger.firstMs((used, fromMs, untilMs) => {
      const atMs = this.#othersFallToMs(most - used, fromMs);
      return atMs < untilMs ? atMs : undefined;
    }, nowMs);
  }

  /**
   * What may be used at most for an amount to have room beside it. More than the whole is taken for a wrong estimate, which
   * a half-empty window is let try; what fits only without the reserve has to have the window to itself.
   */
  #mostBeside(amount: number, reserved: number): number | undefined {
    const { limit } = this;
    if (limit === undefined) return undefined;
    const allowed = limit * (1 - reserved);
    if (amount > limit) return limit / 2;
    return Math.max(0, allowed - amount);
  }

  /** Returns what others have taken, as far as answers show. */
  othersAt(nowMs: number): number {
    return Math.max(0, this.#othersAt(nowMs));
  }

  /** Estimates that were too high end with their charges, never later. */
  #usedAt(nowMs: number): number {
    return Math.max(0, this.#ledger.usedAt(nowMs) + this.#othersAt(nowMs));
  }

  /**
   * What others spent comes back within the length of the window, but as long as nobody says otherwise they spend it again:
   * so it stays as it was told for a while, and is forgotten by the end of the window.
   */
  #othersAt(nowMs: number): number {
    const age = (nowMs - this.#othersMs) / this.#lengthMs;
    return this.#others * Math.min(1, Math.max(0, (1 - age) / (1 - STEADY_PART)));
  }

  /** The first moment from `fromMs` on at which what others use is no more than this. */
  #othersFallToMs(most: number, fromMs: number): number {
    if (this.#othersAt(fromMs) <= most) return fromMs;
    if (this.#others <= 0 || most < 0) return Number.POSITIVE_INFINITY;
    return this.#othersMs + this.#lengthMs * (1 - (1 - STEADY_PART) * (most / this.#others));
  }
}

function lesserOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
