import { ProbeInterval } from './probe-interval.ts';
import type { RateWindow } from './rate-window.ts';

/**
 * When a request larger than a limit may be sent all the same: a limit that nothing has confirmed for long may have been
 * raised, and nothing smaller would show it.
 */
export class LimitTrials {
  readonly #tokens: RateWindow;
  readonly #interval: ProbeInterval;
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(tokens: RateWindow, minuteMs: number) {
    this.#tokens = tokens;
    this.#interval = new ProbeInterval(minuteMs);
  }

  /** Notes a request of this size. Returns whether it is a trial. */
  begin(amount: number, nowMs: number): boolean {
    const isTrial = this.#tokens.isBeyondBelieved(amount);
    if (isTrial) this.#triedMs = nowMs;
    return isTrial;
  }

  /** Notes how a trial sent at `sentMs` ended. */
  judge(wasRefused: boolean, sentMs: number, nowMs: number): void {
    if (wasRefused) this.#interval.noteRefused(sentMs, nowMs);
    else this.#interval.noteServed(true);
  }

  /** Returns whether a request of this size, which is larger than the limit, may be a trial. */
  isDueAt(amount: number, nowMs: number): boolean {
    const sinceMs = Math.max(this.#triedMs, this.#tokens.limitMs);
    return !this.#tokens.isBeyondConfigured(amount) && this.#interval.isOver(nowMs - sinceMs);
  }
}
