/** A charge's place in a ledger: slots are numbered from 0, and numbers are never reused. */
export type SlotNumber = number;

/** Charges this close together share a slot, as a part of the ledger's length: what bounds its memory. */
const SLOTS_PER_LENGTH = 2000;

/** The record of a slot, one number after the other: its sum, and when its first and last charge were. */
const AMOUNT = 0;
const BEGUN_MS = 1;
const LAST_MS = 2;
const NUMBERS_PER_SLOT = 3;
const FIRST_SLOTS = 4;

/** Charges in the order they were made; each counts for the same time from its own moment. */
export class RollingLedger {
  readonly lengthMs: number;
  readonly #slotMs: number;
  /**
   * A ring of this many slots, a power of two: slot n is at n modulo their number. One array, as there are many
   * ledgers.
   */
  #size = FIRST_SLOTS;
  #ring = emptyRing(FIRST_SLOTS);
  #first: SlotNumber = 0;
  #next: SlotNumber = 0;
  /** When the first counted charge expires: most questions come before that. */
  #firstEndMs = Number.POSITIVE_INFINITY;
  #used = 0;
  /** The total of all expired charges. */
  #forgotten = 0;

  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
    this.#slotMs = lengthMs / SLOTS_PER_LENGTH;
  }

  /** Adds a charge; times must not go back. */
  charge(amount: number, nowMs: number): SlotNumber {
    const last = this.#next - 1;
    this.#used += amount;
    if (last >= this.#first && nowMs - this.#at(last, BEGUN_MS) < this.#slotMs) {
      this.#add(last, amount);
      this.#ring[this.#indexOf(last) + LAST_MS] = nowMs;
      if (last === this.#first) this.#firstEndMs = nowMs + this.lengthMs;
      return last;
    }
    if (this.#next - this.#first === this.#size) this.#grow();
    const index = this.#indexOf(this.#next);
    this.#ring[index + AMOUNT] = amount;
    this.#ring[index + BEGUN_MS] = nowMs;
    this.#ring[index + LAST_MS] = nowMs;
    if (this.#next === this.#first) this.#firstEndMs = nowMs + this.lengthMs;
    return this.#next++;
  }

  /** Corrects a charge by a difference, unless it has expired. */
  correct(slot: SlotNumber, difference: number): void {
    if (slot < this.#first) return;
    this.#add(slot, difference);
    this.#used += difference;
  }

  /** Returns the sum that counts, and forgets expired charges. */
  usedAt(nowMs: number): number {
    if (nowMs >= this.#firstEndMs) this.#forget(nowMs);
    return this.#used;
  }

  /** Returns the total of all expired charges: the mark by which `usedBy` finds the sum at an earlier moment. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The moment from which nothing counts any more, if nothing else is charged; it may be past. */
  get emptyMs(): number {
    return this.#first === this.#next ? Number.NEGATIVE_INFINITY : this.#endMs(this.#next - 1);
  }

  /** Returns whether a slot's charges have expired, and nothing is known of them any more. */
  hasForgotten(slot: SlotNumber): boolean {
    return slot < this.#first;
  }

  /**
   * Returns the sum that counted when a slot was the last, as known now: charges taken back since have never counted.
   *
   * @param forgotten the total of all charges that had expired by then
   */
  usedBy(slot: SlotNumber, forgotten: number): number {
    return this.#used + this.#forgotten - forgotten - this.sumAfter(slot, Number.POSITIVE_INFINITY);
  }

  /**
   * Returns the sum of the charges of which some may expire by `untilMs`; only charges that still count are included.
   */
  endingBy(untilMs: number): number {
    let sum = 0;
    for (let slot = this.#first; slot < this.#next; slot++) {
      if (this.#at(slot, BEGUN_MS) + this.lengthMs > untilMs) break;
      sum += this.#at(slot, AMOUNT);
    }
    return sum;
  }

  /** Returns the sum of the charges made from `fromMs` until a slot's, all of the slot's own included. */
  sumBefore(slot: SlotNumber, fromMs: number): number {
    let sum = 0;
    for (let at = slot; at >= this.#first && this.#at(at, LAST_MS) >= fromMs; at--) {
      sum += this.#at(at, AMOUNT);
    }
    return sum;
  }

  /** Returns the sum of the charges made after a slot's and by `untilMs`. */
  sumAfter(slot: SlotNumber, untilMs: number): number {
    let sum = 0;
    for (
      let at = Math.max(slot + 1, this.#first);
      at < this.#next && this.#at(at, BEGUN_MS) <= untilMs;
      at++
    ) {
      sum += this.#at(at, AMOUNT);
    }
    return sum;
  }

  /**
   * Returns the first moment, `nowMs` or later, that suits, if nothing else is charged; infinity if none does.
   *
   * @param suits asked for each stretch of time with the same sum: returns the first moment in it, or undefined
   */
  firstMs(
    suits: (used: number, fromMs: number, untilMs: number) => number | undefined,
    nowMs: number,
  ): number {
    let used = this.usedAt(nowMs);
    let fromMs = nowMs;
    for (let slot = this.#first; slot < this.#next; slot++) {
      const endMs = this.#endMs(slot);
      const foundMs = suits(used, fromMs, endMs);
      if (foundMs !== undefined) return foundMs;
      used -= this.#at(slot, AMOUNT);
      fromMs = endMs;
    }
    // Nothing counts then, whatever rounding of fractions has left over.
    return suits(0, fromMs, Number.POSITIVE_INFINITY) ?? Number.POSITIVE_INFINITY;
  }

  #forget(nowMs: number): void {
    while (this.#first < this.#next && this.#endMs(this.#first) <= nowMs) {
      const amount = this.#at(this.#first++, AMOUNT);
      this.#used -= amount;
      this.#forgotten += amount;
    }
    const isEmpty = this.#first === this.#next;
    // Rounding errors of fractions must not last.
    if (isEmpty) this.#used = 0;
    this.#firstEndMs = isEmpty ? Number.POSITIVE_INFINITY : this.#endMs(this.#first);
  }

  #endMs(slot: SlotNumber): number {
    return this.#at(slot, LAST_MS) + this.lengthMs;
  }

  #indexOf(slot: SlotNumber): number {
    return (slot & (this.#size - 1)) * NUMBERS_PER_SLOT;
  }

  #at(slot: SlotNumber, what: typeof AMOUNT | typeof BEGUN_MS | typeof LAST_MS): number {
    return this.#ring[this.#indexOf(slot) + what] ?? 0;
  }

  #add(slot: SlotNumber, amount: number): void {
    const index = this.#indexOf(slot) + AMOUNT;
    this.#ring[index] = (this.#ring[index] ?? 0) + amount;
  }

  #grow(): void {
    const ring = this.#ring;
    const places = Array.from({ length: this.#size }, (_, offset) => this.#indexOf(this.#first + offset));
    this.#size *= 2;
    this.#ring = emptyRing(this.#size);
    for (const [offset, place] of places.entries()) {
      const index = this.#indexOf(this.#first + offset);
      for (let what = AMOUNT; what <= LAST_MS; what++) this.#ring[index + what] = ring[place + what] ?? 0;
    }
  }
}

/** Fractions from the start: an array of whole numbers would have to be rebuilt for the first fraction. */
function emptyRing(slots: number): number[] {
  return Array.from({ length: slots * NUMBERS_PER_SLOT }, () => Number.NaN);
}
