import { LearnedLimit } from './learned-limit.ts';
import { type Mark, RateWindow } from './rate-window.ts';

/** A request's charges in both windows. */
export interface RequestMark {
  readonly short: Mark;
  readonly minute: Mark;
  /** Only while windows of one second are watched. */
  readonly second: Mark | undefined;
}

/** The window that a backend's report is about: a minute, the enforced one, or one second. */
type Span = 'minute' | 'short' | 'second';

/** Of a minute. */
const SECONDS = 60;
/** By how much later than here a second may end at the backend. */
const TRAVEL_MS = 100;
/** How long, in minutes, after a trial of windows of one second the next may follow; twice as long each time. */
const FIRST_PAUSE = 0.25;
const LONGEST_PAUSE = 60;
/** This part of a minute is enough to see how many requests come within a short window. */
const WATCH_PART = 0.25;

/**
 * The remainder of a limit on requests. Azure enforces its share within a short window (10 s, of some models 1 s), but
 * newer models report the remainder for a minute; a report does not say which window it is about, so that has to be
 * inferred.
 */
export class RequestWindows {
  readonly #shortMs: number;
  readonly #minuteMs: number;
  #rpm: number | undefined;
  readonly #short: RateWindow;
  readonly #minute: RateWindow;
  /** Of one second: made when the others do not explain a refusal, as few backends count this way. */
  #second: RateWindow | undefined;
  #span: Span | undefined;
  #chargedMs = Number.NEGATIVE_INFINITY;
  /** From when on a trial may be made. */
  #trialFromMs = Number.NEGATIVE_INFINITY;
  #pause = FIRST_PAUSE;

  constructor(shortMs: number, minuteMs: number, rpm: number | undefined) {
    this.#shortMs = shortMs;
    this.#minuteMs = minuteMs;
    this.#rpm = rpm;
    const share = rpm === undefined ? undefined : this.#shareOf(rpm);
    this.#short = new RateWindow(shortMs, share, this.#makeLearned(WATCH_PART));
    this.#minute = new RateWindow(minuteMs, rpm, this.#makeLearned());
  }

  /** Replaces the configured limit. */
  configure(rpm: number | undefined): void {
    this.#rpm = rpm;
    this.#short.configure(rpm === undefined ? undefined : this.#shareOf(rpm));
    this.#minute.configure(rpm);
  }

  /** The limit of the window that reports are about, or else the configured one. */
  get limit(): number | undefined {
    return this.#told.limit;
  }

  /** Whether the backend reports the limit. */
  get isTold(): boolean {
    return this.#told.isTold;
  }

  charge(nowMs: number): RequestMark {
    if (this.isTrialDueAt(nowMs)) {
      this.#trialFromMs = nowMs + this.#pause * this.#minuteMs;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    }
    this.#chargedMs = nowMs;
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

  /**
   * Whether one more request than seems to fit may show that reports are about one second: nothing else would once the
   * short window seems full after each second's requests. If they are about the short one, the request is refused.
   */
  isTrialDueAt(nowMs: number): boolean {
    return (
      nowMs > this.#chargedMs + this.#secondMs + TRAVEL_MS &&
      nowMs >= this.#trialFromMs &&
      this.#span !== 'minute' &&
      this.#span !== 'second' &&
      this.#secondMs < this.#shortMs &&
      this.#short.isTold &&
      this.#short.roomAtMs(1, 0, nowMs) > nowMs
    );
  }

  /** Notes that the backend has accepted a request. Returns whether an unreported limit has changed. */
  noteTaken({ short, minute, second }: RequestMark, nowMs: number): boolean {
    const isOther = this.#short.noteTaken(short, nowMs);
    const isOtherOfMinute = this.#minute.noteTaken(minute, nowMs);
    if (second === undefined || this.#second === undefined) return isOther || isOtherOfMinute;
    return this.#second.noteTaken(second, nowMs) || isOther || isOtherOfMinute;
  }

  /**
   * Notes that the backend has refused a request, whose charge was refunded. Returns whether the reason may be an
   * unreported limit within a window shorter than a minute. The shortest window is tried first, as few of a minute's
   * charges fall within one second.
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

  /** Forgets unreported limits. */
  forgetLearned(): void {
    for (const window of [this.#second, this.#short, this.#minute]) window?.forgetLearned();
  }

  /** Notes the remainder that the backend reported when it judged a request. */
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
   * A request was refused for the number of requests. If some are reported to be left, and we have sent the share of
   * the short window, the report is about a minute; if we have sent less, or more in the minute than reported, requests
   * are counted per second.
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

  /** Returns how many fit beside the reserved share, now and as long as nothing is charged or reported. */
  spareAt(reserved: number, nowMs: number): number {
    const ofSecond = this.#second?.spareAt(reserved, nowMs) ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#short.spareAt(reserved, nowMs), this.#minute.spareAt(reserved, nowMs), ofSecond);
  }

  /** Returns whether there is room for one within the reported or configured limits. */
  hasStatedRoomAt(nowMs: number): boolean {
    if (this.#second?.hasStatedRoomAt(1, nowMs) === false) return false;
    return this.#short.hasStatedRoomAt(1, nowMs) && this.#minute.hasStatedRoomAt(1, nowMs);
  }

  /** Returns when there is room for one beside the reserved share: `nowMs` if there is now. */
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

  /** Requests are counted exactly, so only a refusal at one more than was ever accepted can be for their limit. */
  #makeLearned(watchPart = 1): LearnedLimit {
    return new LearnedLimit(this.#minuteMs, 1, this.#minuteMs * watchPart);
  }

  #shareOf(limit: number): number {
    return Math.ceil((limit * this.#shortMs) / this.#minuteMs);
  }

  /**
   * A report with fewer used than we alone have sent in a window is not about that window. One with at least as many as
   * we sent in the minute, where that is more than in the short window, is about the minute. The latest finding counts,
   * as a request under way may never arrive.
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
