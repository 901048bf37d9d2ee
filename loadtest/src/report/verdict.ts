/** One expectation and whether it was met. */
export interface Verdict {
  readonly claim: string;
  readonly isMet: boolean;
  /** The finding. */
  readonly found: string;
  /** The first thing that broke it, where that can be said. */
  readonly why?: string | undefined;
}

/** Renders verdicts, one a line. */
export function renderVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ claim, isMet, found, why }) => {
      const reason = why === undefined ? '' : `; ${why}`;
      return `${isMet ? '  ok    ' : '  FAILED'}  ${claim}: ${found}${reason}`;
    })
    .join('\n');
}
