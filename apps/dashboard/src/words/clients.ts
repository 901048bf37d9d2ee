import type { ClientLimit, ClientSnapshot, StateSnapshot } from '../admin-types.ts';
import { isolate } from './isolate.ts';
import { formatCount, formatCountdown, formatPercent, formatSpan } from './numbers.ts';

/** The state of one limit of a client's budgets, in the words of its meter. */
export interface LimitText {
  /** Such as `41k of 60k tokens/min`. */
  readonly text: string;
  /** The deployments that it covers; empty if it covers all. */
  readonly deployments: readonly string[];
  /** How many more it covers. */
  readonly deploymentsLeftOut: number;
  /** Such as `resets 0:32`; empty if there is nothing to wait for. */
  readonly reset: string;
  /** The part in use, at most 1. */
  readonly share: number;
  readonly isHigh: boolean;
  readonly isSpent: boolean;
}

const UNITS: Readonly<Record<ClientLimit['limit'], string>> = {
  tokens: 'tokens/min',
  requests: 'requests/min',
  concurrent: 'requests at once',
  day: 'tokens today',
  month: 'tokens this month',
};

const HIGH_SHARE = 0.9;
/** Longer spans are not counted down by the second. */
const COUNTDOWN_MS = 3_600_000;

export function describeLimit(limit: ClientLimit): LimitText {
  const { used, limitValue, deployments = [], deploymentsLeftOut = 0 } = limit;
  const share = used / limitValue;
  return {
    text: `${formatCount(used)} of ${formatCount(limitValue)} ${UNITS[limit.limit]}`,
    deployments,
    deploymentsLeftOut,
    reset: used === 0 ? '' : resetText(limit.resetInMs),
    share: Math.min(1, share),
    isHigh: share >= HIGH_SHARE,
    isSpent: share >= 1,
  };
}

/** Returns whether a client was refused in the last minute because it has spent its own budgets. */
export function isOverBudget({ overBudget }: Pick<ClientSnapshot, 'overBudget'>): boolean {
  return overBudget > 0;
}

/** Returns how many clients are refused because of their own budgets; empty if none is. */
export function overBudgetText({ totals: { overBudget } }: StateSnapshot): string {
  const count = overBudget?.clients ?? 0;
  if (count === 0) return '';
  return count === 1 ? '1 client is over its budget' : `${formatCount(count)} clients are over their budgets`;
}

/**
 * Returns which client takes most of the tokens, if requests are refused or spill because quota is spent; empty
 * otherwise.
 */
export function largestClientText({ largestClient, totals, groups }: StateSnapshot): string {
  if (largestClient === undefined) return '';
  const isRefused = totals.refusedFor?.some(({ cause }) => cause === 'throttled') ?? false;
  const isSpilled = groups.some(({ spilledIn }) => spilledIn.some(({ cause }) => OF_QUOTA.has(cause)));
  if (!isRefused && !isSpilled) return '';
  return `client ${isolate(largestClient.name)} takes ${formatPercent(largestClient.share)} of the tokens`;
}

const OF_QUOTA: ReadonlySet<string> = new Set(['throttled', 'full', 'utilization']);

function resetText(ms: number | undefined): string {
  if (ms === undefined || ms === 0) return '';
  return ms < COUNTDOWN_MS ? `resets ${formatCountdown(ms)}` : `resets in ${formatSpan(ms)}`;
}
