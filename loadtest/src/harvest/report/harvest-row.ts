import type { RunFigures } from '../measure-run.ts';

/** One run with what it came to. */
export interface HarvestRow {
  readonly contestant: string;
  /** How many times what the quotas allow was offered. */
  readonly load: number;
  readonly figures: RunFigures;
}

/** Returns what a run is called. */
export function nameOf({ load, contestant }: HarvestRow): string {
  return `${load}x ${contestant}`;
}

/** Returns the tokens that were served as a share of what the quotas allowed. */
export function servedShare({ servedTokens, allowedTokens }: RunFigures): number {
  return servedTokens / allowedTokens;
}

/** Returns how many of a thousand client requests something happened to, or how often. */
export function perThousand(count: number, { requests }: RunFigures): number {
  return (1_000 * count) / requests;
}

/** Returns all attempts at backends, those for refused clients too, over what they brought about. */
export function attemptsPerSuccess({ attempts, succeeded }: RunFigures): number {
  return attempts / succeeded;
}
