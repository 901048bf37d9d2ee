import { deploymentKey } from '../backend.ts';

/** The limits on a client's spending for some deployments together. An absent limit does not apply. */
export interface Budget {
  /** The deployments that it covers, as clients or backends name them; absent: all of them together. */
  readonly deployments?: readonly string[] | undefined;
  /** Tokens within any 60 seconds. */
  readonly tpm?: number | undefined;
  /** Requests within any 60 seconds. */
  readonly rpm?: number | undefined;
  /** Requests under way at once, streams and sessions included. */
  readonly concurrent?: number | undefined;
  readonly tokensPerDay?: number | undefined;
  readonly tokensPerMonth?: number | undefined;
}

/** The limits that a budget may have. */
export const budgetLimits = ['tpm', 'rpm', 'concurrent', 'tokensPerDay', 'tokensPerMonth'] as const;

/** Returns the key that distinguishes budgets: the deployments that they cover, in any order and letter case. */
export function coverOf(deployments: readonly string[] | undefined): string {
  return deployments === undefined
    ? 'all'
    : JSON.stringify([...new Set(deployments.map(deploymentKey))].sort());
}

/** Returns the budgets by their cover; among budgets with the same cover, the lowest of each limit counts. */
export function mergeBudgets(budgets: readonly Budget[]): ReadonlyMap<string, Budget> {
  const merged = new Map<string, Budget>();
  for (const budget of budgets) {
    const cover = coverOf(budget.deployments);
    const other = merged.get(cover);
    merged.set(cover, other === undefined ? budget : lowestOf(other, budget));
  }
  return merged;
}

function lowestOf(one: Budget, other: Budget): Budget {
  const limits = budgetLimits.map((limit) => [limit, lesserOf(one[limit], other[limit])]);
  return { deployments: one.deployments, ...(Object.fromEntries(limits) as Omit<Budget, 'deployments'>) };
}

function lesserOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
