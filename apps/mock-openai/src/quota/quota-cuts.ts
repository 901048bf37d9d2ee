/** A temporary cut of a deployment's limits, as Azure makes under shared load. */
export interface QuotaCut {
  /** The remaining part of the limits: 0.5 is half, 0 is nothing. */
  readonly factor: number;
  /** When it begins, from the moment it is set (0). */
  readonly afterMs?: number | undefined;
  readonly forMs: number;
}

/** A cut with its times from the beginning of the quota. */
export interface TimedCut {
  readonly factor: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Places a cut in time. */
export function timeCut({ factor, afterMs = 0, forMs }: QuotaCut, nowMs: number): TimedCut {
  return { factor, fromMs: nowMs + afterMs, untilMs: nowMs + afterMs + forMs };
}

/** Returns the remaining part of the limits: among simultaneous cuts the deepest counts. */
export function factorAt(cuts: readonly TimedCut[], nowMs: number): number {
  let factor = 1;
  for (const cut of cuts) {
    if (cut.fromMs <= nowMs && nowMs < cut.untilMs) factor = Math.min(factor, cut.factor);
  }
  return factor;
}

/** Returns the moments after `nowMs` at which the factor may change, in order. */
export function changesAfter(cuts: readonly TimedCut[], nowMs: number): number[] {
  const moments = cuts.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
  return [...new Set(moments)].filter((moment) => moment > nowMs).sort((one, other) => one - other);
}
