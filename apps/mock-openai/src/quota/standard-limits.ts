import { presetOf } from './presets.ts';
import type { StandardQuota } from './quota.ts';

/** The limits of a pay-as-you-go deployment with all presets filled in; undefined is no limit. */
export interface StandardLimits {
  readonly tpm: number | undefined;
  readonly rpm: number | undefined;
  readonly requestWindowMs: number;
  readonly reportedWindowMs: number;
}

/** The window of the token limit, a minute. */
export const minuteMs = 60_000;

/** Fills in the values that a quota leaves to its model's family. */
export function standardLimits(quota: StandardQuota, deployment: string): StandardLimits {
  const preset = presetOf(quota.family, deployment);
  const { tpm, requestWindowMs = 10_000, reportedWindowMs = preset.reportedWindowMs } = quota;
  return { tpm, rpm: requestsPerMinute(quota, deployment), requestWindowMs, reportedWindowMs };
}

/** Returns how many requests a window allows: its share of the minute's, rounded up as Azure does, after a cut by `factor`. */
export function requestsIn(windowMs: number, rpm: number, factor: number): number {
  // The small number removes a rounding error when the product is a whole number.
  return Math.max(0, Math.ceil((rpm * factor * windowMs) / minuteMs - 1e-9));
}

function requestsPerMinute(quota: StandardQuota, deployment: string): number | undefined {
  if (quota.rpm !== undefined) return quota.rpm === false ? undefined : quota.rpm;
  const preset = presetOf(quota.family, deployment);
  if (quota.requestsPerKTokens === undefined && preset.rpm !== undefined) return preset.rpm;
  if (quota.tpm === undefined) return undefined;
  return (quota.tpm / 1000) * (quota.requestsPerKTokens ?? preset.requestsPerKTokens);
}
