import type { Stretch } from './scenario.ts';

/** Returns whether a moment of the run is in a part of it. */
export function isWithin({ fromMs = 0, toMs = Infinity }: Stretch, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** Returns a moment of the run as people read it. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
