/** How many retries and hedges there may be. */
export interface RetryBudgetBounds {
  /** As a share of the requests of the last seconds. */
  readonly share: number;
  /** So many a second are allowed however few requests there are. */
  readonly minRetriesPerSecond: number;
}

/** What was earned is forgotten over about this time: it lets a burst of failures pass, not an outage. */
const MEMORY_MS = 10_000;
/** Forgetting may lag behind by so much, which spares almost every request the exponential. */
const STEP_MS = 50;

/**
 * Bounds what is sent besides the requests themselves, so that a dead region does not double the load on the living.
 * Every request earns its share of a token, every second some more, and every retry takes one.
 */
export class RetryBudget {
  readonly #share: number;
  /** What time alone would earn in the end, were no token taken. */
  readonly #idleTokens: number;
  #tokens: number;
  #updatedMs = Number.NEGATIVE_INFINITY;

  constructor({ share, minRetriesPerSecond }: RetryBudgetBounds) {
    this.#share = share;
    this.#idleTokens = (minRetriesPerSecond * MEMORY_MS) / 1000;
    this.#tokens = this.#idleTokens;
  }

  /** A request has come. */
  earn(nowMs: number): void {
    if (nowMs - this.#updatedMs >= STEP_MS) this.#update(nowMs);
    this.#tokens += this.#share;
  }

  /** Takes a retry out of the budget, and answers whether there was one left. */
  take(nowMs: number): boolean {
    this.#update(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Returns how many retries may be made now. */
  leftAt(nowMs: number): number {
    this.#update(nowMs);
    return Math.max(0, Math.floor(this.#tokens));
  }

  /** What one was taken for has added nothing to the load. */
  giveBack(): void {
    this.#tokens += 1;
  }

  #update(nowMs: number): void {
    const kept = Math.exp(-Math.max(0, nowMs - this.#updatedMs) / MEMORY_MS);
    this.#tokens = this.#idleTokens + (this.#tokens - this.#idleTokens) * kept;
    this.#updatedMs = Math.max(nowMs, this.#updatedMs);
  }
}
