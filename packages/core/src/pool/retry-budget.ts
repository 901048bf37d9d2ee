/** How many retries and hedges there may be. */
export interface RetryBudgetBounds {
  /** As a share of the requests of the last seconds. */
  readonly share: number;
  /** This many a second are allowed however few requests there are. */
  readonly minRetriesPerSecond: number;
}

/** Earnings fade over about this time: long enough to let a burst of failures pass, too short for an outage. */
const MEMORY_MS = 10_000;
/** Fading may lag behind by this much, which spares almost every request the exponential. */
const STEP_MS = 50;

/**
 * Bounds the attempts beyond one per request, so that a dead region does not double the load on the healthy ones. Every
 * request earns its share of a token, every second adds a little, and every retry takes one token.
 */
export class RetryBudget {
  #share = 0;
  /** The level that time alone would reach in the end, if no token were taken. */
  #idleTokens = 0;
  #tokens = 0;
  #updatedMs = Number.NEGATIVE_INFINITY;

  constructor(bounds: RetryBudgetBounds) {
    this.configure(bounds);
    this.#tokens = this.#idleTokens;
  }

  /** Replaces the bounds. Tokens earned and taken still count, beyond those that time alone earns under each bound. */
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

  /** Takes a retry out of the budget. Returns whether there was one left. */
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

  /** Refunds a token whose attempt has added nothing to the load. */
  refund(): void {
    this.#tokens += 1;
  }

  #update(nowMs: number): void {
    const kept = Math.exp(-Math.max(0, nowMs - this.#updatedMs) / MEMORY_MS);
    this.#tokens = this.#idleTokens + (this.#tokens - this.#idleTokens) * kept;
    this.#updatedMs = Math.max(nowMs, this.#updatedMs);
  }
}

/** Returns the budget from now on: the existing one with other bounds, if there is one; undefined for any number. */
export function limitRetries(
  known: RetryBudget | undefined,
  bounds: RetryBudgetBounds | undefined,
): RetryBudget | undefined {
  if (bounds === undefined) return undefined;
  known?.configure(bounds);
  return known ?? new RetryBudget(bounds);
}
