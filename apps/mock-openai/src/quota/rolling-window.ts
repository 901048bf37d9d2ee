import type { QuotaWindow } from './quota-window.ts';

interface Charge {
  readonly amount: number;
  readonly endMs: number;
}

// Expired charges are removed in bulk, because removing each one alone would move all the others.
const cutOffAt = 1024;

/** A window in which each charge counts for the same time from its own moment, and is back exactly then. */
export class RollingWindow implements QuotaWindow {
  readonly #lengthMs: number;
  #charges: Charge[] = [];
  #first = 0;
  #used = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  charge(amount: number, nowMs: number): void {
    if (amount === 0) return;
    this.#charges.push({ amount, endMs: nowMs + this.#lengthMs });
    this.#used += amount;
  }

  usedAt(nowMs: number): number {
    for (let charge = this.#charges[this.#first]; charge !== undefined; charge = this.#charges[this.#first]) {
      if (charge.endMs > nowMs) break;
      this.#used -= charge.amount;
      this.#first += 1;
    }
    if (this.#first >= cutOffAt && this.#first * 2 >= this.#charges.length) {
      this.#charges = this.#charges.slice(this.#first);
      this.#first = 0;
    }
    return this.#used;
  }

  fitsAt(amount: number, limit: number, fromMs: number): number | undefined {
    if (amount > limit) return undefined;
    let used = this.#used;
    let atMs = fromMs;
    for (let index = this.#first; index < this.#charges.length; index += 1) {
      const charge = this.#charges[index];
      if (charge === undefined) break;
      if (charge.endMs > fromMs) {
        if (used + amount <= limit) return atMs;
        atMs = charge.endMs;
      }
      used -= charge.amount;
    }
    return atMs;
  }
}
