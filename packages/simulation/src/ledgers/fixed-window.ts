/** A quota of which all charges are back at the end of each period of this length. Times come in order. */
export class FixedWindow {
  limit: number;
  readonly #lengthMs: number;
  #stretch = 0;
  #used = 0;
  #count = 0;

  constructor(limit: number, lengthMs: number) {
    this.limit = limit;
    this.#lengthMs = lengthMs;
  }

  charge(amount: number, nowMs: number): void {
    this.#forget(nowMs);
    this.#used += amount;
    this.#count += 1;
  }

  usedAt(nowMs: number): number {
    this.#forget(nowMs);
    return this.#used;
  }

  countAt(nowMs: number): number {
    this.#forget(nowMs);
    return this.#count;
  }

  hasRoom(amount: number, nowMs: number): boolean {
    return this.usedAt(nowMs) + amount <= this.limit;
  }

  /** Returns how long an amount has to wait for room; infinite if it is above the limit. */
  waitMs(amount: number, nowMs: number): number {
    if (this.hasRoom(amount, nowMs)) return 0;
    return amount > this.limit ? Number.POSITIVE_INFINITY : (this.#stretch + 1) * this.#lengthMs - nowMs;
  }

  #forget(nowMs: number): void {
    const stretch = Math.floor(nowMs / this.#lengthMs);
    if (stretch === this.#stretch) return;
    this.#stretch = stretch;
    this.#used = 0;
    this.#count = 0;
  }
}
