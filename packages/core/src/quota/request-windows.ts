import { LearnedLimit } from './learned-limit.ts';
import { type Mark, RateWindow } from './rate-window.ts';

/** A request's charges in both windows. */
export interface RequestMark {
  readonly short: Mark;
  readonly minute: Mark;
  /** Only while windows of one second are looked at. */
  readonly second: Mark | undefined;
}

/** The window that a backend tells the rest of: a minute, the one that it enforces, or one second. */
type Span = 'minute' | 'short' | 'second';

/** Of a minute. */
const SECONDS = 60;
/** This part of a minute is enough to see how many requests come within a short window. */
const WATCH_PART = 0.25;

/**
 * What is left of a limit on requests. Azure enforces its share within a short window (10 s, of some models 1 s), but
 * newer models tell what is left of a minute; which of them is told is not said, only seen.
 */
export class RequestWindows {
  readonly #shortMs: number;
  readonly #minuteMs: number;
  #rpm: number | undefined;
  readonly #short: RateWindow;
  readonly #minute: RateWindow;
  /** Of one second: made when a refusal is not explained by the others, as few backends count so. */
  #second: RateWindow | undefined;
  #span: Span | undefined;

  constructor(shortMs: number, minuteMs: number, rpm: number | undefined) {
    this.#shortMs = shortMs;
    this.#minuteMs = minuteMs;
    this.#rpm = rpm;
    const share = rpm === undefined ? undefined : this.#shareOf(rpm);
    this.#short = new RateWindow(shortMs, share, this.#makeLearned(WATCH_PART));
    this.#minute = new RateWindow(minuteMs, rpm, this.#makeLearned());
  }

  /** Takes another configured limit. */
  configure(rpm: number | undefined): void {
    this.#rpm = rpm;
    this.#short.configure(rpm === undefined ? undefined : this.#shareOf(rpm));
    this.#minute.configure(rpm);
  }

  /** The limit of the window that is told, or else configured. */
  get limit(): number | undefined {
    return this.#told.limit;
  }

  charge(nowMs: number): RequestMark {
    return {
      short: this.#short.charge(1, nowMs),
      minute: this.#minute.charge(1, nowMs),
      second: this.#second?.charge(1, nowMs),
    };
  }

  refund(mark: RequestMark): void {
    this.#short.correct(mark.short, -1);
    this.#minute.correct(mark.minute, -1);
    if (mark.second !== undefined) this.#second?.correct(mark.second, -1);
  }

  /** Takes note that the backend has taken a request. Returns whether a limit that nobody tells has changed. */
  noteTaken({ short, minute, second }: RequestMark, nowMs: number): boolean {
    const isOther = this.#short.noteTaken(short, nowMs);
    const isOtherOfMinute = this.#minute.noteTaken(minute, nowMs);
    if (second === undefined || this.#second === undefined) return isOther || isOtherOfMinute;
    return this.#second.noteTaken(second, nowMs) || isOther || isOtherOfMinute;
  }

  /**
   * Takes note that the backend has refused a request, which was given back. Returns whether that may be because of a limit
   * within a window shorter than a minute that nobody tells: the shortest, as most that is charged in a minute is charged in
   * no second.
   */
  noteRefused({ short, second }: RequestMark, nowMs: number): boolean {
    if (this.#secondMs < this.#shortMs) this.#watchSeconds();
    if (second !== undefined && this.#second?.noteRefused(second, 1, nowMs) === true) return true;
    return this.#short.noteRefused(short, 1, nowMs);
  }

  /** The same for a minute. */
  noteRefusedOfMinute({ minute }: RequestMark, nowMs: number): boolean {
    return this.#minute.noteRefused(minute, 1, nowMs);
  }

  /** Forgets limits that nobody tells. */
  forgetLearned(): void {
    for (const window of [this.#second, this.#short, this.#minute]) window?.forgetLearned();
  }

  /** Takes note of what the backend said was left when it judged a request. */
  observe(mark: RequestMark, limit: number | undefined, remaining: number, nowMs: number): void {
    if (limit !== undefined) this.#span = this.#spanOf(mark, limit, limit - remaining);
    if (this.#span !== 'second') this.#second?.learn(undefined);
    switch (this.#span) {
      case 'minute':
        this.#minute.observe(mark.minute, limit, remaining, nowMs);
        if (limit !== undefined) this.#short.learn(this.#shareOf(limit));
        break;
      case 'short':
      case undefined:
        this.#minute.learn(undefined);
        this.#short.observe(mark.short, limit, remaining, nowMs);
        break;
      case 'second':
        this.#minute.learn(undefined);
        this.#short.learn(undefined);
        this.#watchSeconds();
        if (mark.second !== undefined) this.#second?.observe(mark.second, limit, remaining, nowMs);
    }
  }

  /**
   * A request was refused for their number. If some are told to be left, and we have sent the share of the short window, they
   * are told of a minute; if we have sent less, or more in the minute than is told, they are counted in one second.
   */
  observeRefusal({ minute }: RequestMark, limit: number | undefined, remaining = 0): void {
    if (limit === undefined || remaining < 1) return;
    const [least] = this.#minute.ownAt(minute) ?? [0];
    const isOfSecond = this.#minute.mostWithin(this.#shortMs, minute) < this.#shareOf(limit);
    if (limit - remaining < least || isOfSecond) return;
    this.#span = 'minute';
    this.#minute.learn(limit);
    this.#short.learn(this.#shareOf(limit));
  }

  remainingAt(nowMs: number): number | undefined {
    return this.#told.remainingAt(nowMs);
  }

  /** Returns for how many there is room beside what is reserved, now and as long as nothing is charged or told. */
  spareAt(reserved: number, nowMs: number): number {
    const ofSecond = this.#second?.spareAt(reserved, nowMs) ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#short.spareAt(reserved, nowMs), this.#minute.spareAt(reserved, nowMs), ofSecond);
  }

  /** Returns whether there is room for one as far as limits are told or configured. */
  hasStatedRoomAt(nowMs: number): boolean {
    if (this.#second?.hasStatedRoomAt(1, nowMs) === false) return false;
    return this.#short.hasStatedRoomAt(1, nowMs) && this.#minute.hasStatedRoomAt(1, nowMs);
  }

  /** Returns when there is room for one beside what is reserved: `nowMs` if there is now. */
  roomAtMs(reserved: number, nowMs: number): number {
    const ofSecondMs = this.#second?.roomAtMs(1, reserved, nowMs) ?? nowMs;
    const ofShortMs = this.#short.roomAtMs(1, reserved, nowMs);
    return Math.max(ofShortMs, this.#minute.roomAtMs(1, reserved, nowMs), ofSecondMs);
  }

  get #told(): RateWindow {
    if (this.#span === 'second' && this.#second !== undefined) return this.#second;
    return this.#span === 'minute' ? this.#minute : this.#short;
  }

  get #secondMs(): number {
    return this.#minuteMs / SECONDS;
  }

  #watchSeconds(): void {
    this.#second ??= new RateWindow(this.#secondMs, undefined, this.#makeLearned(WATCH_PART));
  }

  /** Requests are counted, so that one more than was ever taken is needed for a refusal to be for their limit. */
  #makeLearned(watchPart = 1): LearnedLimit {
    return new LearnedLimit(this.#minuteMs, 1, this.#minuteMs * watchPart);
  }

  #shareOf(limit: number): number {
    return Math.ceil((limit * this.#shortMs) / this.#minuteMs);
  }

  /**
   * Fewer used than we alone have sent in a window: then it is not that window that is told. As many, and more than we have
   * sent in the short one: then it is the minute. The last that was seen counts, as a request that is under way may never
   * arrive.
   */
  #spanOf({ short, minute }: RequestMark, limit: number, used: number): Span | undefined {
    const ownOfMinute = this.#minute.ownAt(minute);
    const ownOfShort = this.#short.ownAt(short);
    if (ownOfShort !== undefined && used < ownOfShort[0]) return 'second';
    if (ownOfMinute === undefined) return this.#span;
    const [leastOfMinute] = ownOfMinute;
    if (used < leastOfMinute) return 'short';
    if (this.#rpm !== undefined)
      return limit > (this.#rpm + this.#shareOf(this.#rpm)) / 2 ? 'minute' : 'short';
    return leastOfMinute > this.#minute.mostWithin(this.#shortMs, minute) ? 'minute' : this.#span;
  }
}
