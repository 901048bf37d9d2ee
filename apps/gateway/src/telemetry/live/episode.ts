import { RATE_S } from './group-traffic.ts';

/** A rate covers that many whole seconds and the present one. */
const MAX_GAP_MS = (RATE_S + 1) * 1000;

/** Knows since when something happens. It is over once the rate of the last seconds is zero. */
export class Episode {
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  note(nowMs: number): void {
    if (nowMs - this.#lastMs > MAX_GAP_MS) this.#firstMs = nowMs;
    this.#lastMs = Math.max(this.#lastMs, nowMs);
  }

  /** Returns for how long it has happened; undefined if it does not happen any more. */
  lengthMs(nowMs: number): number | undefined {
    return this.agoMs(nowMs) === undefined ? undefined : Math.max(0, nowMs - this.#firstMs);
  }

  /** Returns how long ago it happened last; undefined if it does not happen any more. */
  agoMs(nowMs: number): number | undefined {
    const agoMs = Math.max(0, nowMs - this.#lastMs);
    return agoMs > MAX_GAP_MS ? undefined : agoMs;
  }
}
