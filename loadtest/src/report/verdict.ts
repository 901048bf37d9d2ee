/** One expectation and whether it was met. */
export interface Verdict {
  readonly claim: string;
  readonly isMet: boolean;
  /** What was found. */
  readonly found: string;
}

/** Renders verdicts, one a line. */
export function renderVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ claim, isMet, found }) => `${isMet ? '  ok    ' : '  FAILED'}  ${claim}: ${found}`)
    .join('\n');
}
