import type { LearnedLimit } from './learned-limit.ts';
import { RollingLedger, type SlotNumber } from './rolling-ledger.ts';

/** A charge of a window, and the window's state at that charge. */
export interface Mark {
  readonly slot: SlotNumber;
  readonly sentMs: number;
  amount: number;
  /** The total of our own charges that had expired by then. */
  readonly forgotten: number;
  /** How much of the counted charges may already have expired at the backend. */
  readonly ending: number;
  /** The total of our own charges that counted, including this one, and the total refunded by then. */
  readonly level: number;
  readonly refunded: number;
}

/**
 * The possible difference between our moment and the backend's for one charge: requests travel, and overtake one
 * another. A charge expires here this much later than the window says, as letting it expire too early causes a 429.
 */
const SKEW_MS = 25;

/** The usage of others is believed to stay the same for this part of the window. */
const STEADY_PART = 0.5;

/** The part of the others' usage that is still believed after an answer that can be explained without them. */
const CREDULITY = 0.5;

/**
 * The remainder of a limit within a rolling window. Our own charges are known to the millisecond; the usage of others,
 * and the error of our estimates, is the difference from the backend's report.
 */
export class RateWindow {
  readonly #lengthMs: number;
  readonly #ledger: RollingLedger;
  /** The limit as refusals show it, while it is not reported. */
  readonly #learned: LearnedLimit | undefined;
  /** The total ever refunded. */
  #refunded = 0;
  #configured: number | undefined;
  #told: number | undefined;
  #others = 0;
  #othersMs = 0;
  /** When the limit was last reported, or shown by a refusal. */
  #limitMs = Number.NEGATIVE_INFINITY;
  /** When the request was sent whose answer gave the latest report. */
  #toldOfMs = Number.NEGATIVE_INFINITY;

  constructor(lengthMs: number, configured: number | undefined, learned?: LearnedLimit) {
    this.#lengthMs = lengthMs;
    this.#learned = learned;
    this.#ledger = new RollingLedger(lengthMs + SKEW_MS);
    this.#configured = configured;
  }

  /** The limit, or undefined if unknown. The configured limit may be lower than the backend's, or higher. */
  get limit(): number | undefined {
    return lesserOf(this.#told ?? this.#learned?.limit, this.#configured);
  }

  /** Whether the backend reports the limit. */
  get isTold(): boolean {
    return this.#told !== undefined;
  }

  /** The reported or configured limit, undefined if there is neither. */
  get statedLimit(): number | undefined {
    return lesserOf(this.#told, this.#configured);
  }

  /** When the limit was last reported, or shown by a refusal; minus infinity if never. */
  get limitMs(): number {
    return this.#limitMs;
  }

  /** Whether an amount is larger than the limit as the backend has reported or shown it. */
  isBeyondBelieved(amount: number): boolean {
    return amount > (this.#told ?? this.#learned?.limit ?? Number.POSITIVE_INFINITY);
  }

  /** Whether an amount is larger than the configured limit. */
  isBeyondConfigured(amount: number): boolean {
    return amount > (this.#configured ?? Number.POSITIVE_INFINITY);
  }

  /** Replaces the configured limit. */
  configure(limit: number | undefined): void {
    this.#configured = limit;
  }

  charge(amount: number, nowMs: number): Mark {
    const ledger = this.#ledger;
    const level = ledger.usedAt(nowMs) + amount;
    const ending = ledger.endingBy(nowMs + 2 * SKEW_MS);
    const slot = ledger.charge(amount, nowMs);
    const { forgotten } = ledger;
    return { slot, sentMs: nowMs, amount, forgotten, ending, level, refunded: this.#refunded };
  }

  /** Corrects a charge, or refunds it where the difference is its negative. */
  correct(mark: Mark, difference: number): void {
    mark.amount += difference;
    if (difference < 0) this.#refunded -= difference;
    this.#ledger.correct(mark.slot, difference);
  }

  /** Notes a reported limit. */
  learn(limit: number | undefined): void {
    this.#told = limit;
    if (limit !== undefined) this.#learned?.restart();
  }

  /** Notes that the backend has accepted a request. Returns whether an unreported limit has changed. */
  noteTaken({ level, ending, refunded, sentMs }: Mark, nowMs: number): boolean {
    if (this.#told !== undefined || this.#learned === undefined) return false;
    // Charges refunded since may have counted then, or not.
    const least = level - ending - (this.#refunded - refunded);
    return this.#learned.noteTaken(least, sentMs, nowMs);
  }

  /**
   * Notes that the backend has refused a request, whose charge was refunded. Returns whether an unreported limit may
   * be the reason.
   */
  noteRefused({ slot, sentMs, forgotten, ending }: Mark, amount: number, nowMs: number): boolean {
    if (this.#told !== undefined || this.#learned === undefined) return false;
    if (this.#ledger.hasForgotten(slot)) return false;
    const level = this.#ledger.usedBy(slot, forgotten) + amount - ending;
    const isShown = this.#learned.noteRefused(level, sentMs, nowMs);
    if (isShown) this.#limitMs = nowMs;
    return isShown;
  }

  /** Forgets an unreported limit. */
  forgetLearned(): void {
    this.#learned?.forget();
  }

  /**
   * The least and the most of our own charges that the backend can have counted when it judged this one; undefined once
   * this one has expired, as its report then says nothing about the present window.
   */
  ownAt({ slot, sentMs, amount, forgotten, ending }: Mark): readonly [number, number] | undefined {
    const ledger = this.#ledger;
    if (ledger.hasForgotten(slot)) return undefined;
    const used = ledger.usedBy(slot, forgotten);
    const near = ledger.sumBefore(slot, sentMs - SKEW_MS) - amount;
    return [used - ending - Math.max(0, near), used + ledger.sumAfter(slot, sentMs + SKEW_MS)];
  }

  /** The most of our own charges that the backend can have counted within a shorter window when it judged this one. */
  mostWithin(lengthMs: number, { slot, sentMs }: Mark): number {
    const before = this.#ledger.sumBefore(slot, sentMs - lengthMs - 2 * SKEW_MS);
    return before + this.#ledger.sumAfter(slot, sentMs + SKEW_MS);
  }

  /** Notes the remainder that the backend reported, and its limit, when it judged a charge. */
  observe(mark: Mark, limit: number | undefined, remaining: number, nowMs: number): void {
    if (mark.sentMs < this.#toldOfMs) return;
    this.#toldOfMs = mark.sentMs;
    this.#told = limit ?? this.#told;
    if (limit !== undefined) this.#limitMs = nowMs;
    this.#learned?.restart();
    this.#ledger.usedAt(nowMs);
    const own = this.ownAt(mark);
    if (own === undefined) return;
    const [least, most] = own;
    // Before 2025 only the remainder was reported, without its limit.
    const whole = limit ?? Math.max(this.#told ?? 0, remaining + least);
    this.#told = whole;
    const used = whole - remaining;
    const believed = this.#othersAt(nowMs);
    // One late answer may suggest that there are others; if there are none, the answers after it correct that.
    const mayBeAlone = used >= least && used <= most;
    const others = mayBeAlone ? believed * CREDULITY : believed;
    this.#others = Math.min(Math.max(others, used - most), used - least);
    this.#othersMs = nowMs;
  }

  /** Returns the remainder, never below 0; undefined if the limit is unknown. */
  remainingAt(nowMs: number): number | undefined {
    const { limit } = this;
    return limit === undefined ? undefined : Math.max(0, limit - this.#usedAt(nowMs));
  }

  /**
   * Returns how much fits beside the reserved share, now and as long as nothing is charged or reported. A negative
   * estimate of the others' usage fades to nothing in time, so it is not counted as room.
   */
  spareAt(reserved: number, nowMs: number): number {
    const { limit } = this;
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return limit * (1 - reserved) - this.#ledger.usedAt(nowMs) - Math.max(0, this.#othersAt(nowMs));
  }

  /** Returns whether there is room for an amount within the reported or configured limit. */
  hasStatedRoomAt(amount: number, nowMs: number): boolean {
    const { statedLimit } = this;
    return statedLimit === undefined || this.#usedAt(nowMs) + amount <= statedLimit;
  }

  /** Returns when there is room for an amount beside the reserved share: `nowMs` if there is now. */
  roomAtMs(amount: number, reserved: number, nowMs: number): number {
    const most = this.#mostBeside(amount, reserved);
    if (most === undefined || this.#usedAt(nowMs) <= most) return nowMs;
    return this.#ledger.firstMs((used, fromMs, untilMs) => {
      const atMs = this.#othersFallToMs(most - used, fromMs);
      return atMs < untilMs ? atMs : undefined;
    }, nowMs);
  }

  /**
   * The highest usage that leaves room for an amount. An amount larger than the whole limit counts as a wrong estimate,
   * which may try once the window is half empty; an amount that fits only without the reserve needs the window to
   * itself.
   */
  #mostBeside(amount: number, reserved: number): number | undefined {
    const { limit } = this;
    if (limit === undefined) return undefined;
    const allowed = limit * (1 - reserved);
    if (amount > limit) return limit / 2;
    return Math.max(0, allowed - amount);
  }

  /** Returns the usage of others, as far as answers show it. */
  othersAt(nowMs: number): number {
    return Math.max(0, this.#othersAt(nowMs));
  }

  /** Estimates that were too high expire with their charges, never later. */
  #usedAt(nowMs: number): number {
    return Math.max(0, this.#ledger.usedAt(nowMs) + this.#othersAt(nowMs));
  }

  /**
   * The others' usage comes back within the length of the window, but presumably they use it again: so it stays as
   * reported for a while, and is forgotten by the end of the window.
   */
  #othersAt(nowMs: number): number {
    const age = (nowMs - this.#othersMs) / this.#lengthMs;
    return this.#others * Math.min(1, Math.max(0, (1 - age) / (1 - STEADY_PART)));
  }

  /** The first moment from `fromMs` on at which the others' usage is no more than this. */
  #othersFallToMs(most: number, fromMs: number): number {
    if (this.#othersAt(fromMs) <= most) return fromMs;
    if (this.#others <= 0 || most < 0) return Number.POSITIVE_INFINITY;
    return this.#othersMs + this.#lengthMs * (1 - (1 - STEADY_PART) * (most / this.#others));
  }
}

function lesserOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
