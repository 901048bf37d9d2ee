import type { ClientCount } from './findings.ts';

/** Consecutive minutes in each of which clients got 429s; counted from 0, the last included. */
export interface Shortage {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly requests: number;
  readonly refused: number;
}

/** Finds when clients got 429s. */
export function findShortages(byMinute: readonly ClientCount[]): Shortage[] {
  const shortages: Shortage[] = [];
  for (const [minute, { requests, refused }] of byMinute.entries()) {
    if (refused === 0) continue;
    const last = shortages.at(-1);
    if (last?.toMinute === minute - 1) {
      shortages.pop();
      shortages.push({
        fromMinute: last.fromMinute,
        toMinute: minute,
        requests: last.requests + requests,
        refused: last.refused + refused,
      });
    } else {
      shortages.push({ fromMinute: minute, toMinute: minute, requests, refused });
    }
  }
  return shortages;
}
