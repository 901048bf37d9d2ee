import type { CooldownBounds } from '../health/cooldown.ts';
import type { OutlierBounds } from '../health/outlier.ts';
import type { QuotaWindows } from '../quota/quota.ts';
import type { PriorityClass } from '../routing-request.ts';
import type { StrategyName } from '../selection/strategies.ts';
import type { Random } from '../selection/strategy.ts';
import type { RetryBudgetBounds } from './retry-budget.ts';
import type { NoteChange } from './state-change.ts';

/** The share of every quota that only requests of a class, and of the more urgent ones, may take. */
type Reserves = Readonly<Record<Exclude<PriorityClass, 'batch'>, number>>;

/** What a pool is made of besides its backends. */
export interface PoolOptions {
  readonly strategy: StrategyName;
  readonly cooldown: CooldownBounds;
  /** When failures that happen now and then are reason to rest; without it, each one is. */
  readonly outlier?: OutlierBounds | undefined;
  readonly random: Random;
  /** The lengths of the windows that quotas are counted in (Azure's). */
  readonly quotaWindows?: QuotaWindows | undefined;
  /** What is kept for urgent requests (nothing). */
  readonly reserves?: Reserves | undefined;
  /** How many retries and hedges there may be; without it, any number. */
  readonly retryBudget?: RetryBudgetBounds | undefined;
  /** Takes note of how backends and deployments come to rest and recover. */
  readonly noteChange?: NoteChange | undefined;
}

/** Returns the share of every quota that a request of each class has to leave to more urgent ones. */
export function reservedBy({ interactive = 0, standard = 0 }: Partial<Reserves> = {}): Readonly<
  Record<PriorityClass, number>
> {
  return { interactive: 0, standard: interactive, batch: interactive + standard };
}
