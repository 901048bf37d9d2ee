import type { QuotaWindow } from './quota-window.ts';

/** A window that starts anew at every multiple of its length, whatever was charged earlier. */
export class FixedWindow implements QuotaWindow {
  readonly #lengthMs: number;
  #number = 0;
  #used = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  charge(amount: number, nowMs: number): void {
    this.#used = this.usedAt(nowMs) + amount;
    this.#number = this.#numberAt(nowMs);
  }

  usedAt(nowMs: number): number {
    return this.#numberAt(nowMs) === this.#number ? this.#used : 0;
  }

  fitsAt(amount: number, limit: number, fromMs: number): number | undefined {
    if (amount > limit) return undefined;
    return this.usedAt(fromMs) + amount <= limit ? fromMs : (this.#numberAt(fromMs) + 1) * this.#lengthMs;
  }

  #numberAt(nowMs: number): number {
    return Math.floor(nowMs / this.#lengthMs);
  }
}
