import type { BudgetReport } from '@spillway/core';
import { renderLabels } from './metric.ts';
import { stateMetrics } from './state-metric-list.ts';

/** Values of a client that are read when metrics are collected. */
export interface ClientReadings {
  readonly name: string;
  readonly budgets: readonly BudgetReport[];
  /** When it has no valid key any more, in epoch ms; undefined if that is not known to come. */
  readonly keysExpireMs: number | undefined;
}

const MS = 1000;
const ALL = 'all';
/** Names that would read as several names, or as all of them. */
const AMBIGUOUS = /[,"]|^all$/;

/**
 * Calls `set` with the value of each limit of a client's budgets, its use, and the end of its keys. All names come from the configuration.
 */
export function readClient(
  { name, budgets, keysExpireMs }: ClientReadings,
  set: (
    metric: 'clientBudgetLimit' | 'clientBudgetUsed' | 'clientKeysExpire',
    value: number,
    labels: string,
  ) => void,
): void {
  if (keysExpireMs !== undefined)
    set('clientKeysExpire', keysExpireMs / MS, renderLabels(stateMetrics.clientKeysExpire.labels, [name]));
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
