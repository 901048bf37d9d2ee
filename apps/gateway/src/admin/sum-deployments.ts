import type { DeploymentNumbers, DeploymentSnapshotState, NotShown } from './snapshot.ts';

type SumOf = keyof DeploymentNumbers;

/** Requests for no deployment have no quota, and no state of their own. */
type Summand = Partial<Pick<DeploymentSnapshotState, 'state'>> & DeploymentNumbers;

/** Takes several deployments of a backend together. A quota counts only where both its limit and its rest are known. */
export function sumDeployments(deployments: readonly Summand[]): NotShown {
  const known = (field: SumOf, of = deployments) =>
    of.map((one) => one[field]).filter((value) => value !== undefined);
  const sum = (field: SumOf, of = deployments) => known(field, of).reduce((total, value) => total + value, 0);
  const max = (field: SumOf) => {
    const values = known(field);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  const inTokens = deployments.filter(
    ({ limitTokens, remainingTokens }) => limitTokens !== undefined && remainingTokens !== undefined,
  );
  const inRequests = deployments.filter(
    ({ limitRequests, remainingRequests }) => limitRequests !== undefined && remainingRequests !== undefined,
  );
  return {
    taking: deployments.filter(({ state }) => state === 'available' || state === 'probing').length,
    rpm: sum('rpm'),
    tpm: sum('tpm'),
    absorbed429s: sum('absorbed429s'),
    p50Ms: max('p50Ms'),
    p95Ms: max('p95Ms'),
    ...(inTokens.length > 0 && {
      limitTokens: sum('limitTokens', inTokens),
      remainingTokens: sum('remainingTokens', inTokens),
      othersTokens: sum('othersTokens', inTokens) || undefined,
    }),
    ...(inRequests.length > 0 && {
      limitRequests: sum('limitRequests', inRequests),
      remainingRequests: sum('remainingRequests', inRequests),
    }),
    utilization: max('utilization'),
  };
}
