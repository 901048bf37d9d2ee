/** So many attempts as are remembered; what is fading counts as a part of one. */
export interface Tally {
  readonly successes: number;
  readonly failures: number;
}

/** What was counted is forgotten over about this time: long enough for slow models, short enough for sudden faults. */
const MEMORY_MS = 20_000;
/** Forgetting may lag behind by so much, which spares almost every success the exponential. */
const STEP_MS = 50;
/** So many successes are taken for granted, so that few failures weigh little where little else is known. */
const GRANTED = 5;
/** A rest is forgiven once so many times as long has passed without another. */
const FORGIVEN_AFTER = 10;
const NEVER = Number.NEGATIVE_INFINITY;

/** Returns the share of the attempts that failed. */
export function failureShare({ successes, failures }: Tally): number {
  return failures / (successes + failures + GRANTED);
}

/**
 * How a backend, or one of its deployments, has served lately, and how often it had to rest for failures. Throttling is
 * no part of it.
 */
export class FailureRecord {
  #successes = 0;
  #failures = 0;
  #updatedMs = 0;
  #successesInARow = 0;
  #failuresInARow = 0;
  #failedMs = NEVER;
  /** Whether it has rested, and not succeeded since. */
  #isOut = false;
  #restsInARow = 0;
  #restMs = 0;
  #restEndsMs = NEVER;

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
   * Takes note of a rest after an attempt that began at `startedMs`. Answers for how long it is to be: twice as long as
   * the last one, unless that is long over. An attempt of before the end of a rest makes it no other one.
   */
  rest(startedMs: number, leastMs: number, ceilingMs: number, nowMs: number): number {
    if (startedMs >= this.#restEndsMs) {
      const forgivenMs = this.#restEndsMs + Math.min(FORGIVEN_AFTER * this.#restMs, ceilingMs);
      this.#restsInARow = startedMs >= forgivenMs ? 1 : this.#restsInARow + 1;
    }
    this.#isOut = true;
    this.#restMs = Math.min(leastMs * 2 ** (this.#restsInARow - 1), ceilingMs);
    this.#restEndsMs = Math.max(this.#restEndsMs, nowMs + this.#restMs);
    return this.#restMs;
  }

  /** Returns whether an attempt that began at `startedMs` was made although it rested. */
  isOfRest(startedMs: number): boolean {
    return this.#isOut && startedMs < this.#restEndsMs;
  }

  /** Returns whether others may count on it: it is not out, or nobody has tried for long whether it still is. */
  isInRotation(nowMs: number): boolean {
    return !this.#isOut || nowMs - this.#restEndsMs >= MEMORY_MS;
  }

  /** Returns whether its last attempt failed, and not long ago. */
  isFailing(nowMs: number): boolean {
    return this.#failuresInARow > 0 && this.#hasFailedLately(nowMs);
  }

  /** Returns what is remembered. */
  recall(nowMs: number): Tally {
    this.#forget(nowMs);
    return { successes: this.#successes, failures: this.#failures };
  }

  /**
   * Returns how likely the next attempt is to fail, 0 to 1: as many as do by what is remembered, or, as that is slow to
   * follow a change, by the successes since its last failure.
   */
  chanceOfFailure(nowMs: number): number {
    const sinceFailure = this.#hasFailedLately(nowMs) ? 1 / (1 + this.#successesInARow) : 0;
    return Math.max(failureShare(this.recall(nowMs)), sinceFailure);
  }

  /** What it did before its rest counts no more; nor does an attempt that began before it failed end that rest. */
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
