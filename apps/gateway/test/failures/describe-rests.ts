import type { DeploymentSnapshot } from '@spillway/core';

/** Between which moments the rests began, on the gateway's clock. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How every backend stands for the deployment of the row, and for one that nobody has asked for. */
export interface Snapshots {
  readonly deployment: string;
  readonly forDeployment: readonly DeploymentSnapshot[];
  readonly asWhole: readonly DeploymentSnapshot[];
}

/** Returns who is in a cooldown, for what and how long; `nobody` if no backend is. */
export function describeRests({ deployment, forDeployment, asWhole }: Snapshots, period: Period): string {
  const model = deployment === '' ? 'requests without a deployment' : deployment;
  const rests = forDeployment.flatMap((snapshot, index) => {
    const whole = asWhole[index];
    const { name } = snapshot.backend;
    const declined = snapshot.declined.map(
      ({ operation, untilMs }) =>
        `${operation} of ${model} at ${name}, cooling, ${durationOf({ recoversAtMs: untilMs }, period)}`,
    );
    if (!isResting(snapshot)) return declined;
    const what = whole && isResting(whole) ? `${name} as a whole` : `${model} at ${name}`;
    return [`${what}, ${snapshot.availability}, ${durationOf(snapshot, period)}`, ...declined];
  });
  return rests.join('; ') || 'nobody';
}

function isResting({ availability }: DeploymentSnapshot): boolean {
  return availability === 'throttled' || availability === 'cooling';
}

/**
 * The rest began within the period, so its length is known to that. Of the lengths that it may have had it is the
 * roundest: rows are written with round ones.
 */
function durationOf(
  { recoversAtMs }: Pick<DeploymentSnapshot, 'recoversAtMs'>,
  { fromMs, toMs }: Period,
): string {
  const longestMs = recoversAtMs - fromMs;
  const shortestMs = recoversAtMs - toMs;
  for (const grainMs of [10_000, 5000, 1000, 500, 100, 10]) {
    const roundMs = Math.floor(longestMs / grainMs) * grainMs;
    if (roundMs >= shortestMs) return `${roundMs / 1000} s`;
  }
  return `${shortestMs} to ${longestMs} ms`;
}
