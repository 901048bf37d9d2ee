import type { CooldownBounds } from '../health/cooldown.ts';
import type { OutlierBounds } from '../health/outlier.ts';
import type { QuotaWindows } from '../quota/quota.ts';
import type { PriorityClass } from '../routing-request.ts';
import type { StrategyName } from '../selection/strategies.ts';
import type { Random } from '../selection/strategy.ts';
import type { RetryBudgetBounds } from './retry-budget.ts';
import type { NoteChange } from './state-change.ts';

/** The share of every quota that is reserved for requests of a class, and of more urgent ones. */
type Reserves = Readonly<Record<Exclude<PriorityClass, 'batch'>, number>>;

/** The settings of a pool, besides its backends. */
export interface PoolOptions {
  readonly strategy: StrategyName;
  readonly cooldown: CooldownBounds;
  /** When occasional failures are reason for a cooldown; without it, each one is. */
  readonly outlier?: OutlierBounds | undefined;
  readonly random: Random;
  /** The lengths of the windows that quotas are counted in (Azure's). */
  readonly quotaWindows?: QuotaWindows | undefined;
  /** The shares reserved for urgent requests (none). */
  readonly reserves?: Reserves | undefined;
  /** How many retries and hedges there may be; without it, any number. */
  readonly retryBudget?: RetryBudgetBounds | undefined;
  /** Receives the beginnings of cooldowns and the recoveries of backends and deployments. */
  readonly noteChange?: NoteChange | undefined;
}

const AZURE_WINDOWS: QuotaWindows = { tokenWindowMs: 60_000, requestWindowMs: 10_000 };

/** Returns the lengths of the windows that quotas are counted in. */
export function windowsOf({ quotaWindows = AZURE_WINDOWS }: PoolOptions): QuotaWindows {
  return quotaWindows;
}

/** Returns the share of every quota that a request of each class has to leave to more urgent ones. */
export function reservedBy({ interactive = 0, standard = 0 }: Partial<Reserves> = {}): Readonly<
  Record<PriorityClass, number>
> {
  return { interactive: 0, standard: interactive, batch: interactive + standard };
}
