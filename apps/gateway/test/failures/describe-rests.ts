import type { Standing } from '@spillway/core';

/** Between which moments the rests began, on the gateway's clock. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How every backend stands for the deployment of the row, and for one that nobody has asked for. */
export interface Standings {
  readonly deployment: string;
  readonly forDeployment: readonly Standing[];
  readonly asWhole: readonly Standing[];
}

/** Answers who rests, for what and how long; `nobody` if all are well. */
export function describeRests({ deployment, forDeployment, asWhole }: Standings, period: Period): string {
  const model = deployment === '' ? 'what names no deployment' : deployment;
  const rests = forDeployment.flatMap((standing, index) => {
    const whole = asWhole[index];
    if (!isResting(standing)) return [];
    const what =
      whole && isResting(whole)
        ? `${standing.backend.name} as a whole`
        : `${model} at ${standing.backend.name}`;
    return [`${what}, ${standing.availability}, ${durationOf(standing, period)}`];
  });
  return rests.join('; ') || 'nobody';
}

function isResting({ availability }: Standing): boolean {
  return availability === 'throttled' || availability === 'failing';
}

/**
 * The rest began within the period, so its length is known to that. Of the lengths that it may have had it is the
 * roundest: rows are written with round ones.
 */
function durationOf({ recoversAtMs }: Standing, { fromMs, toMs }: Period): string {
  const longestMs = recoversAtMs - fromMs;
  const shortestMs = recoversAtMs - toMs;
  for (const grainMs of [10_000, 5000, 1000, 500, 100, 10]) {
    const roundMs = Math.floor(longestMs / grainMs) * grainMs;
    if (roundMs >= shortestMs) return `${roundMs / 1000} s`;
  }
  return `${shortestMs} to ${longestMs} ms`;
}
