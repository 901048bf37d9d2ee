import type { RunFigures } from '../measure-run.ts';

/** One run with its result. */
export interface HarvestRow {
  readonly contestant: string;
  /** The offered load, as a multiple of the load that the quotas allow. */
  readonly load: number;
  readonly figures: RunFigures;
}

/** Returns the name of a run. */
export function nameOf({ load, contestant }: HarvestRow): string {
  return `${load}x ${contestant}`;
}

/** Returns the served tokens as a share of the quotas. */
export function servedShare({ servedTokens, allowedTokens }: RunFigures): number {
  return servedTokens / allowedTokens;
}

/** Returns how many of a thousand client requests had an event, or how often it happened. */
export function perThousand(count: number, { requests }: RunFigures): number {
  return (1_000 * count) / requests;
}

/** Returns all attempts at backends, including those for refused clients, per success. */
export function attemptsPerSuccess({ attempts, succeeded }: RunFigures): number {
  return attempts / succeeded;
}
