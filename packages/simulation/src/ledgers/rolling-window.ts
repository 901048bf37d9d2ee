/** A quota of which each charge is back exactly one window's length after its own moment. Times come in order. */
export class RollingWindow {
  limit: number;
  readonly #lengthMs: number;
  /** The charges that still count, oldest first: a ring whose size is a power of two. */
  #endMs = new Float64Array(64);
  #amount = new Float64Array(64);
  #first = 0;
  #count = 0;
  #used = 0;

  constructor(limit: number, lengthMs: number) {
    this.limit = limit;
    this.#lengthMs = lengthMs;
  }

  charge(amount: number, nowMs: number): void {
    if (this.#count === this.#amount.length) this.#grow();
    const index = this.#at(this.#count++);
    this.#endMs[index] = nowMs + this.#lengthMs;
    this.#amount[index] = amount;
    this.#used += amount;
  }

  /** Returns the sum of the charges that still count. */
  usedAt(nowMs: number): number {
    this.#forget(nowMs);
    return this.#used;
  }

  /** Returns how many charges still count. */
  countAt(nowMs: number): number {
    this.#forget(nowMs);
    return this.#count;
  }

  hasRoom(amount: number, nowMs: number): boolean {
    return this.usedAt(nowMs) + amount <= this.limit;
  }

  /** Returns how long an amount has to wait for room if nothing else is charged; infinite if it is above the limit. */
  waitMs(amount: number, nowMs: number): number {
    if (this.hasRoom(amount, nowMs)) return 0;
    let used = this.#used;
    for (let charge = 0; charge < this.#count; charge++) {
      const index = this.#at(charge);
      used -= this.#amount[index] as number;
      if (used + amount <= this.limit) return (this.#endMs[index] as number) - nowMs;
    }
    return Number.POSITIVE_INFINITY;
  }

  #forget(nowMs: number): void {
    while (this.#count > 0 && (this.#endMs[this.#first] as number) <= nowMs) {
      this.#used -= this.#amount[this.#first] as number;
      this.#first = this.#at(1);
      this.#count--;
    }
  }

  #at(charge: number): number {
    return (this.#first + charge) & (this.#amount.length - 1);
  }

  #grow(): void {
    const [endMs, amount] = [this.#endMs, this.#amount];
    const unroll = (ring: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(2 * ring.length);
      grown.set(ring.subarray(this.#first));
      grown.set(ring.subarray(0, this.#first), ring.length - this.#first);
      return grown;
    };
    this.#endMs = unroll(endMs);
    this.#amount = unroll(amount);
    this.#first = 0;
  }
}
