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
  #share = 0;
  /** What time alone would earn in the end, were no token taken. */
  #idleTokens = 0;
  #tokens = 0;
  #updatedMs = Number.NEGATIVE_INFINITY;

  constructor(bounds: RetryBudgetBounds) {
    this.configure(bounds);
    this.#tokens = this.#idleTokens;
  }

  /** Takes other bounds. What has been earned and taken still counts, beyond what time alone earns with each. */
  configure({ share, minRetriesPerSecond }: RetryBudgetBounds): void {
    const idleTokens = (minRetriesPerSecond * MEMORY_MS) / 1000;
    this.#share = share;
    this.#tokens += idleTokens - this.#idleTokens;
    this.#idleTokens = idleTokens;
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

/** Returns the budget that holds from now on: the known one with other bounds, if there is one; undefined for any number. */
export function limitRetries(
  known: RetryBudget | undefined,
  bounds: RetryBudgetBounds | undefined,
): RetryBudget | undefined {
  if (bounds === undefined) return undefined;
  known?.configure(bounds);
  return known ?? new RetryBudget(bounds);
}
