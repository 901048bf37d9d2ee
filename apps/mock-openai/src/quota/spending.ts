/** The spending of one period. */
export interface SpentPeriod {
  /** When the period began, from the beginning of the quota. */
  readonly fromMs: number;
  readonly admitted: number;
  readonly refused: number;
  /** Tokens charged; corrections of earlier charges may take it below 0. */
  readonly tokens: number;
}

/** The length of a period. */
export const periodMs = 10_000;
const keptPeriods = 360;

/** A deployment's spending, in total and in the periods of the last hour. */
export class Spending {
  admitted = 0;
  refused = 0;
  tokens = 0;
  #periods: { fromMs: number; admitted: number; refused: number; tokens: number }[] = [];

  admit(tokens: number, nowMs: number): void {
    const period = this.#periodAt(nowMs);
    this.admitted += 1;
    this.tokens += tokens;
    period.admitted += 1;
    period.tokens += tokens;
  }

  refuse(nowMs: number): void {
    this.refused += 1;
    this.#periodAt(nowMs).refused += 1;
  }

  correct(tokens: number, nowMs: number): void {
    if (tokens === 0) return;
    this.tokens += tokens;
    this.#periodAt(nowMs).tokens += tokens;
  }

  /** The periods in which something happened, oldest first. */
  get periods(): SpentPeriod[] {
    return this.#periods.map((period) => ({ ...period }));
  }

  #periodAt(nowMs: number) {
    const fromMs = Math.floor(nowMs / periodMs) * periodMs;
    const last = this.#periods.at(-1);
    if (last?.fromMs === fromMs) return last;
    const period = { fromMs, admitted: 0, refused: 0, tokens: 0 };
    this.#periods.push(period);
    if (this.#periods.length > keptPeriods) this.#periods.shift();
    return period;
  }
}
