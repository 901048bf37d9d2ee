import { RollingLedger, type SlotNumber } from '../quota/rolling-ledger.ts';

const MINUTE_MS = 60_000;

/** The place of a charge that was not made, as there was no limit. */
const NO_SLOT: SlotNumber = -1;

/** A limit within any 60 seconds, charged at admission and corrected at the end. */
export class SlidingLimit {
  /** Undefined: no limit. The spending stays known when the limit changes. */
  value: number | undefined;
  readonly #ledger = new RollingLedger(MINUTE_MS);

  usedAt(nowMs: number): number {
    return this.#ledger.usedAt(nowMs);
  }

  /** Returns whether there is room; a request larger than the whole limit fits where nothing else counts. */
  hasRoomFor(amount: number, nowMs: number): boolean {
    const { value } = this;
    return value === undefined || fits(this.#ledger.usedAt(nowMs), amount, value);
  }

  /** Returns in how many ms there is room, if nothing else comes; infinity if never. */
  roomInMs(amount: number, nowMs: number): number {
    const { value } = this;
    if (value === undefined) return 0;
    const atMs = this.#ledger.firstMs(
      (used, fromMs) => (fits(used, amount, value) ? fromMs : undefined),
      nowMs,
    );
    return atMs - nowMs;
  }

  /** Returns a request's charge: at most the whole limit. */
  amountOf(amount: number): number {
    const { value } = this;
    return value === undefined || amount < value ? amount : value;
  }

  charge(amount: number, nowMs: number): SlotNumber {
    return this.value === undefined ? NO_SLOT : this.#ledger.charge(amount, nowMs);
  }

  /** Corrects a charge, as long as it counts. */
  correct(slot: SlotNumber, difference: number): void {
    if (slot !== NO_SLOT && difference !== 0) this.#ledger.correct(slot, difference);
  }

  /** Returns in how many ms nothing counts any more. */
  emptyInMs(nowMs: number): number {
    return Math.max(0, this.#ledger.emptyMs - nowMs);
  }
}

/** A request that takes nothing, as far as is known, does not fit either where nothing is left. */
function fits(used: number, amount: number, limit: number): boolean {
  return used < limit && used + Math.min(amount, limit) <= limit;
}
