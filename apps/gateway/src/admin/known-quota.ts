import type { DeploymentSnapshotState, TotalsState } from './snapshot.ts';

/** Returns deployments with each quota that several of them share told of the first one only, so that sums hold it once. */
export function tellQuotasOnce(deployments: readonly DeploymentSnapshotState[]): DeploymentSnapshotState[] {
  const told = new Set<string>();
  return deployments.map((deployment) => {
    const { quotaGroup } = deployment;
    const isTold = quotaGroup !== undefined && told.has(quotaGroup);
    if (quotaGroup !== undefined) told.add(quotaGroup);
    return isTold ? { ...deployment, ...NO_QUOTA } : deployment;
  });
}

const NO_QUOTA = {
  limitTokens: undefined,
  remainingTokens: undefined,
  othersTokens: undefined,
  limitRequests: undefined,
  remainingRequests: undefined,
  utilization: undefined,
};

/** Returns how much of all known limits on tokens was used; undefined if none is known. */
export function ofKnownLimits(deployments: readonly DeploymentSnapshotState[]): TotalsState['ofKnownLimits'] {
  const limited = deployments.filter(({ limitTokens }) => limitTokens !== undefined);
  if (limited.length === 0) return undefined;
  return {
    limitTokens: tellQuotasOnce(limited).reduce((sum, { limitTokens = 0 }) => sum + limitTokens, 0),
    tokensPerMinute: limited.reduce((sum, { tpm }) => sum + tpm, 0),
  };
}
