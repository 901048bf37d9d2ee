import { type DeploymentSnapshot, isInCooldown } from '@spillway/core';

/** The moments between which the cooldowns began, on the gateway's clock. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
  /** The cooldowns that the row expects, such as `gpt-4o at a, throttled, 7.5 s`. */
  readonly expected: string;
}

/** The state of every backend for the deployment of the row, and for one that was never requested. */
export interface Snapshots {
  readonly deployment: string;
  readonly forDeployment: readonly DeploymentSnapshot[];
  readonly asWhole: readonly DeploymentSnapshot[];
}

/** Returns the backends in cooldown, with reason and length; `nobody` if there are none. */
export function describeCooldowns({ deployment, forDeployment, asWhole }: Snapshots, period: Period): string {
  const model = deployment === '' ? 'requests without a deployment' : deployment;
  const cooldowns = forDeployment.flatMap((snapshot, index) => {
    const whole = asWhole[index];
    const { name } = snapshot.backend;
    const declined = snapshot.declined.map(
      ({ operation, untilMs }) =>
        `${operation} of ${model} at ${name}, cooling, ${durationOf({ recoversAtMs: untilMs }, period)}`,
    );
    if (!isInCooldown(snapshot)) return declined;
    const what = whole && isInCooldown(whole) ? `${name} as a whole` : `${model} at ${name}`;
    return [`${what}, ${snapshot.availability}, ${durationOf(snapshot, period)}`, ...declined];
  });
  return cooldowns.join('; ') || 'nobody';
}

/**
 * The cooldown began within the period, so its length is known with that precision, which is low on a busy machine. Of
 * the possible lengths this is one that is expected, or else the roundest: rows use round ones.
 */
function durationOf(
  { recoversAtMs }: Pick<DeploymentSnapshot, 'recoversAtMs'>,
  { fromMs, toMs, expected }: Period,
): string {
  const longestMs = recoversAtMs - fromMs;
  const shortestMs = recoversAtMs - toMs;
  for (const [, seconds] of expected.matchAll(/([\d.]+) s\b/g)) {
    const ms = Number(seconds) * 1000;
    if (ms >= shortestMs && ms <= longestMs) return `${seconds} s`;
  }
  for (const grainMs of [10_000, 5000, 1000, 500, 100, 10]) {
    const roundMs = Math.floor(longestMs / grainMs) * grainMs;
    if (roundMs >= shortestMs) return `${roundMs / 1000} s`;
  }
  return `${shortestMs} to ${longestMs} ms`;
}
