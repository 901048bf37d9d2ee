/** The remembered attempts; as they fade, one counts as a fraction. */
export interface Tally {
  readonly successes: number;
  readonly failures: number;
}

/** Counts fade over about this time: long enough for slow models, short enough for sudden faults. */
const MEMORY_MS = 20_000;
/** Fading may lag behind by this much, which spares almost every success the exponential. */
const STEP_MS = 50;
/** This many successes are assumed, so that a few failures weigh little where little else is known. */
const GRANTED = 5;
/** A cooldown is forgiven after this many times its length without another. */
const FORGIVEN_AFTER = 10;
const NEVER = Number.NEGATIVE_INFINITY;

/** Returns the share of the attempts that failed. */
export function failureShare({ successes, failures }: Tally): number {
  return failures / (successes + failures + GRANTED);
}

/**
 * How well a backend, or one of its deployments, has served lately, and how often it had to cool down for failures.
 * Throttling is no part of it.
 */
export class FailureRecord {
  #successes = 0;
  #failures = 0;
  #updatedMs = 0;
  #successesInARow = 0;
  #failuresInARow = 0;
  #failedMs = NEVER;
  /** Whether it has cooled down, and not succeeded since. */
  #isOut = false;
  #cooldownsInARow = 0;
  #cooldownMs = 0;
  #cooldownEndsMs = NEVER;

  /** Failures since the last success. */
  get failuresInARow(): number {
    return this.#failuresInARow;
  }

  /** An attempt that began at `startedMs` has succeeded. */
  succeed(startedMs: number, nowMs: number): void {
    if (this.#isOut && !this.#returns(startedMs)) return;
    if (nowMs - this.#updatedMs >= STEP_MS) this.#forget(nowMs);
    this.#successes += 1;
    this.#successesInARow += 1;
    this.#failuresInARow = 0;
  }

  /** An attempt has failed. */
  fail(nowMs: number): void {
    this.#forget(nowMs);
    this.#failures += 1;
    this.#failuresInARow += 1;
    this.#successesInARow = 0;
    this.#failedMs = nowMs;
  }

  /**
   * Notes a cooldown after an attempt that began at `startedMs`. Returns its length: twice that of the last one, unless
   * that is long over. An attempt that began before the end of a cooldown does not count as another one.
   */
  coolDown(startedMs: number, leastMs: number, ceilingMs: number, nowMs: number): number {
    if (startedMs >= this.#cooldownEndsMs) {
      const forgivenMs = this.#cooldownEndsMs + Math.min(FORGIVEN_AFTER * this.#cooldownMs, ceilingMs);
      this.#cooldownsInARow = startedMs >= forgivenMs ? 1 : this.#cooldownsInARow + 1;
    }
    this.#isOut = true;
    this.#cooldownMs = Math.min(leastMs * 2 ** (this.#cooldownsInARow - 1), ceilingMs);
    this.#cooldownEndsMs = Math.max(this.#cooldownEndsMs, nowMs + this.#cooldownMs);
    return this.#cooldownMs;
  }

  /** Returns whether an attempt that began at `startedMs` was made despite a cooldown. */
  isOfCooldown(startedMs: number): boolean {
    return this.#isOut && startedMs < this.#cooldownEndsMs;
  }

  /** Returns whether others may count on it: it is not out, or nobody has checked for a long time. */
  isInRotation(nowMs: number): boolean {
    return !this.#isOut || nowMs - this.#cooldownEndsMs >= MEMORY_MS;
  }

  /** Returns whether its last attempt failed, and not long ago. */
  isFailing(nowMs: number): boolean {
    return this.#failuresInARow > 0 && this.#hasFailedLately(nowMs);
  }

  /** Returns the remembered attempts. */
  recall(nowMs: number): Tally {
    this.#forget(nowMs);
    return { successes: this.#successes, failures: this.#failures };
  }

  /**
   * Returns the probability, 0 to 1, that the next attempt fails: the remembered share of failures or, as that is slow
   * to follow a change, an estimate from the successes since the last failure, whichever is higher.
   */
  chanceOfFailure(nowMs: number): number {
    const sinceFailure = this.#hasFailedLately(nowMs) ? 1 / (1 + this.#successesInARow) : 0;
    return Math.max(failureShare(this.recall(nowMs)), sinceFailure);
  }

  /**
   * Attempts before the cooldown no longer count; an attempt that began before the failure does not end the cooldown.
   */
  #returns(startedMs: number): boolean {
    if (startedMs < this.#failedMs) return false;
    this.#isOut = false;
    this.#successes = 0;
    this.#failures = 0;
    return true;
  }

  #hasFailedLately(nowMs: number): boolean {
    return nowMs - this.#failedMs < MEMORY_MS;
  }

  #forget(nowMs: number): void {
    const kept = Math.exp(-Math.max(0, nowMs - this.#updatedMs) / MEMORY_MS);
    this.#successes *= kept;
    this.#failures *= kept;
    this.#updatedMs = Math.max(nowMs, this.#updatedMs);
  }
}
