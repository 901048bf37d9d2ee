import type { BudgetReport } from '@spillway/core';
import { renderLabels } from './metric.ts';
import { stateMetrics } from './state-metric-list.ts';

/** Values of a client that are read when metrics are collected. */
export interface ClientReadings {
  readonly name: string;
  readonly budgets: readonly BudgetReport[];
}

const ALL = 'all';
/** Names that would read as several names, or as all of them. */
const AMBIGUOUS = /[,"]|^all$/;

/**
 * Calls `set` with the value of each limit of a client's budgets, and its use. All names come from the configuration.
 */
export function readClient(
  { name, budgets }: ClientReadings,
  set: (metric: 'clientBudgetLimit' | 'clientBudgetUsed', value: number, labels: string) => void,
): void {
  for (const { deployments, limits } of budgets) {
    const cover = coverLabel(deployments);
    for (const { limit, limitValue, used } of limits) {
      const labels = renderLabels(stateMetrics.clientBudgetLimit.labels, [name, cover, limit]);
      set('clientBudgetLimit', limitValue, labels);
      set('clientBudgetUsed', Math.max(0, used), labels);
    }
  }
}

/** Returns the label of the deployments that a budget covers, whatever the order in which they are listed. */
function coverLabel(deployments: BudgetReport['deployments']): string {
  if (deployments === undefined) return ALL;
  const names = [...new Set(deployments)].sort();
  return names.map((name) => (AMBIGUOUS.test(name) ? JSON.stringify(name) : name)).join(',');
}
