/** So many in a minute are no accident: the process is not what it should be. */
const MAX_IN_A_MINUTE = 10;
const MINUTE_MS = 60_000;

/** The errors that nobody has caught: they end nothing by themselves, but must not pile up. */
export class EscapedErrors {
  #count = 0;
  /** When the last few came. */
  readonly #recentMs: number[] = [];

  get count(): number {
    return this.#count;
  }

  /** Takes note of one. Answers whether they have piled up. */
  note(nowMs: number): boolean {
    this.#count++;
    this.#recentMs.push(nowMs);
    while ((this.#recentMs[0] as number) <= nowMs - MINUTE_MS) this.#recentMs.shift();
    return this.#recentMs.length >= MAX_IN_A_MINUTE;
  }
}
