import type { BudgetAccount } from './budget-account.ts';
import type { CalendarLimit } from './calendar-limit.ts';
import type { SlidingLimit } from './sliding-limit.ts';

/** The remainder of a limit, for `x-ratelimit-*`. */
interface Remaining {
  readonly limit: number;
  readonly remaining: number;
  /** In how many ms all of it is back, if nothing else comes. */
  readonly resetMs: number;
}

/** The remainder of the limits per minute, each from the budget that has the least left. */
export interface BudgetRemaining {
  readonly tokens: Remaining | undefined;
  readonly requests: Remaining | undefined;
}

/** The state of one limit of a budget. */
interface LimitReport {
  readonly limit: 'tokens' | 'requests' | 'concurrent' | 'day' | 'month';
  readonly limitValue: number;
  readonly used: number;
  /** The share in use: 1 is all of it, more is possible. */
  readonly share: number;
  /** In how many ms all of it is back, if nothing else comes; undefined where that is not known. */
  readonly resetMs: number | undefined;
}

/** The state of a budget, for operators. */
export interface BudgetReport {
  /** The deployments that it covers; undefined: all. */
  readonly deployments: readonly string[] | undefined;
  readonly inFlight: number;
  readonly limits: readonly LimitReport[];
}

export function remainingOf(accounts: readonly BudgetAccount[], nowMs: number): BudgetRemaining {
  let tokens: Remaining | undefined;
  let requests: Remaining | undefined;
  for (const account of accounts) {
    tokens = leastOf(tokens, account.tokens, nowMs);
    requests = leastOf(requests, account.requests, nowMs);
  }
  return { tokens, requests };
}

function leastOf(least: Remaining | undefined, sliding: SlidingLimit, nowMs: number): Remaining | undefined {
  const { value: limit } = sliding;
  if (limit === undefined) return least;
  const remaining = Math.max(0, limit - sliding.usedAt(nowMs));
  if (least !== undefined && least.remaining <= remaining) return least;
  return { limit, remaining, resetMs: Math.ceil(sliding.emptyInMs(nowMs)) };
}

export function reportOf(account: BudgetAccount, nowMs: number, wallMs: number): BudgetReport {
  const { deployments, inFlight, concurrent } = account;
  const limits = [
    slidingReport('tokens', account.tokens, nowMs),
    slidingReport('requests', account.requests, nowMs),
    limitReport('concurrent', concurrent, inFlight, inFlight === 0 ? 0 : undefined),
    calendarReport('day', account.day, wallMs),
    calendarReport('month', account.month, wallMs),
  ];
  return { deployments, inFlight, limits: limits.filter((limit) => limit !== undefined) };
}

function slidingReport(limit: 'tokens' | 'requests', sliding: SlidingLimit, nowMs: number) {
  const used = sliding.usedAt(nowMs);
  return limitReport(limit, sliding.value, used, Math.ceil(sliding.emptyInMs(nowMs)));
}

function calendarReport(limit: 'day' | 'month', calendar: CalendarLimit, wallMs: number) {
  const { used, period } = calendar.at(wallMs);
  return limitReport(limit, calendar.value, used, period.endMs - wallMs);
}

function limitReport(
  limit: LimitReport['limit'],
  limitValue: number | undefined,
  used: number,
  resetMs: number | undefined,
): LimitReport | undefined {
  if (limitValue === undefined) return undefined;
  return { limit, limitValue, used, share: limitValue === 0 ? 1 : used / limitValue, resetMs };
}
