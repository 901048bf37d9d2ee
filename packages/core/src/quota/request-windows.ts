import { type Mark, RateWindow } from './rate-window.ts';

/** A request's charges in both windows. */
export interface RequestMark {
  readonly short: Mark;
  readonly minute: Mark;
}

/** The window that a backend tells the rest of: a minute, the one that it enforces, or one that is shorter still. */
type Span = 'minute' | 'short' | 'shorter';

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
  #span: Span | undefined;

  constructor(shortMs: number, minuteMs: number, rpm: number | undefined) {
    this.#shortMs = shortMs;
    this.#minuteMs = minuteMs;
    this.#rpm = rpm;
    this.#short = new RateWindow(shortMs, rpm === undefined ? undefined : this.#shareOf(rpm));
    this.#minute = new RateWindow(minuteMs, rpm);
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
    return { short: this.#short.charge(1, nowMs), minute: this.#minute.charge(1, nowMs) };
  }

  refund(mark: RequestMark): void {
    this.#short.correct(mark.short, -1);
    this.#minute.correct(mark.minute, -1);
  }

  /** Takes note of what the backend said was left when it judged a request. */
  observe(mark: RequestMark, limit: number | undefined, remaining: number, nowMs: number): void {
    if (limit !== undefined) this.#span = this.#spanOf(mark, limit, limit - remaining);
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
      case 'shorter':
        this.#minute.learn(undefined);
        this.#short.learn(undefined);
    }
  }

  /** A request was refused for their number although some are left: so what is left is told of a minute. */
  observeEarlyRefusal(limit: number): void {
    this.#span = 'minute';
    this.#minute.learn(limit);
    this.#short.learn(this.#shareOf(limit));
  }

  remainingAt(nowMs: number): number | undefined {
    return this.#told.remainingAt(nowMs);
  }

  /** Answers for how many there is room beside what is reserved, now and as long as nothing is charged or told. */
  spareAt(reserved: number, nowMs: number): number {
    return Math.min(this.#short.spareAt(reserved, nowMs), this.#minute.spareAt(reserved, nowMs));
  }

  /** Answers when there is room for one beside what is reserved: `nowMs` if there is now. */
  roomAtMs(reserved: number, nowMs: number): number {
    return Math.max(this.#short.roomAtMs(1, reserved, nowMs), this.#minute.roomAtMs(1, reserved, nowMs));
  }

  get #told(): RateWindow {
    return this.#span === 'minute' ? this.#minute : this.#short;
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
    if (ownOfShort !== undefined && used < ownOfShort[0]) return 'shorter';
    if (ownOfMinute === undefined) return this.#span;
    const [leastOfMinute] = ownOfMinute;
    if (used < leastOfMinute) return 'short';
    if (this.#rpm !== undefined)
      return limit > (this.#rpm + this.#shareOf(this.#rpm)) / 2 ? 'minute' : 'short';
    return leastOfMinute > this.#minute.mostWithin(this.#shortMs, minute) ? 'minute' : this.#span;
  }
}
