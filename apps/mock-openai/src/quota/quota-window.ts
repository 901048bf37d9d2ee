/** Counts charges until they expire; times come in order. */
export interface QuotaWindow {
  /** Adds an amount. */
  charge(amount: number, nowMs: number): void;
  /** Returns how much counts now. */
  usedAt(nowMs: number): number;
  /**
   * Returns the first moment from `fromMs`, which is now or later, at which an amount fits under a limit if nothing
   * else is charged until then; undefined when it never does.
   */
  fitsAt(amount: number, limit: number, fromMs: number): number | undefined;
}
