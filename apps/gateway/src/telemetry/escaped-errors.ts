/** This many in a minute are no accident: the process is in an unknown state. */
const MAX_IN_A_MINUTE = 10;
const MINUTE_MS = 60_000;

/** The uncaught errors: they end nothing by themselves, but must not pile up. */
export class EscapedErrors {
  #count = 0;
  /** The times of the last few. */
  readonly #recentMs: number[] = [];

  get count(): number {
    return this.#count;
  }

  /** Records one. Returns whether they have piled up. */
  note(nowMs: number): boolean {
    this.#count++;
    this.#recentMs.push(nowMs);
    while ((this.#recentMs[0] as number) <= nowMs - MINUTE_MS) this.#recentMs.shift();
    return this.#recentMs.length >= MAX_IN_A_MINUTE;
  }
}
