/** After this long without another answer, nobody knows any more whether they still break off. */
const MEMORY_MS = 20_000;

/** Counts the good answers in a row that broke off in their middle. */
export class BrokenAnswers {
  #inARow = 0;
  #brokeOffMs = Number.NEGATIVE_INFINITY;

  /** Returns whether the last answer broke off, and not long ago. */
  isBreakingOff(nowMs: number): boolean {
    return this.#inARow > 0 && nowMs - this.#brokeOffMs < MEMORY_MS;
  }

  /**
   * Notes how an answer has ended. Those that break off together, as when a backend's process restarts, are one
   * accident: only one that began after the last accident is another.
   *
   * @param startedMs when its attempt began
   * @returns how many accidents in a row there have been with this one; 0 if it is none
   */
  note(isWhole: boolean, startedMs: number, nowMs: number): number {
    if (isWhole) this.#inARow = 0;
    if (isWhole || startedMs < this.#brokeOffMs) return 0;
    this.#brokeOffMs = nowMs;
    return ++this.#inARow;
  }
}
