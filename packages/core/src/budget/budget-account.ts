import type { SlotNumber } from '../quota/rolling-ledger.ts';
import type { Need } from './admission-request.ts';
import type { Budget } from './budget.ts';
import { type BudgetRefusal, bindingOf, UNDER_WAY_RETRY_MS } from './budget-refusal.ts';
import { CalendarLimit, type PeriodCount, type PeriodState } from './calendar-limit.ts';
import { dayOf, monthOf } from './period.ts';
import { SlidingLimit } from './sliding-limit.ts';

/** SDKs retry a 429 on their own only if it asks for less than a minute. */
const MAX_RETRY_MS = 59_000;

/** One budget's charge for a request. */
export interface BudgetCharge {
  readonly account: BudgetAccount;
  readonly tokens: number;
  readonly tokenSlot: SlotNumber;
  readonly requestSlot: SlotNumber;
  readonly day: PeriodCount;
  readonly dayTokens: number;
  readonly month: PeriodCount;
  readonly monthTokens: number;
}

/** The calendar part of one budget's charge. */
export interface BudgetState {
  /** The deployments that it covers; null: all. */
  readonly deployments: readonly string[] | null;
  readonly day?: PeriodState | undefined;
  readonly month?: PeriodState | undefined;
}

/** The spending of one budget. It stays when the limits change. */
export class BudgetAccount {
  readonly deployments: readonly string[] | undefined;
  readonly tokens = new SlidingLimit();
  readonly requests = new SlidingLimit();
  readonly day = new CalendarLimit(dayOf);
  readonly month = new CalendarLimit(monthOf);
  concurrent: number | undefined;
  inFlight = 0;

  constructor(deployments: readonly string[] | undefined) {
    this.deployments = deployments;
  }

  configure(budget: Budget): void {
    this.tokens.value = budget.tpm;
    this.requests.value = budget.rpm;
    this.concurrent = budget.concurrent;
    this.day.value = budget.tokensPerDay;
    this.month.value = budget.tokensPerMonth;
  }

  hasRoomFor(need: Need, nowMs: number, wallMs: number): boolean {
    const { textTokens, certainTokens, answerTokens } = need;
    return (
      (this.concurrent === undefined || this.inFlight < this.concurrent) &&
      (this.tokens.value === undefined || textTokens <= this.tokens.value) &&
      this.requests.hasRoomFor(1, nowMs) &&
      this.tokens.hasRoomFor(need.tokens, nowMs) &&
      this.day.hasRoomFor(certainTokens, answerTokens, wallMs) &&
      this.month.hasRoomFor(certainTokens, answerTokens, wallMs)
    );
  }

  charge(need: Need, nowMs: number, wallMs: number): BudgetCharge {
    this.inFlight++;
    const tokens = this.tokens.amountOf(need.tokens);
    return {
      account: this,
      tokens,
      tokenSlot: this.tokens.charge(tokens, nowMs),
      requestSlot: this.requests.charge(1, nowMs),
      dayTokens: this.day.reserve(need.expectedTokens, wallMs),
      day: this.day.at(wallMs),
      monthTokens: this.month.reserve(need.expectedTokens, wallMs),
      month: this.month.at(wallMs),
    };
  }

  /** Returns the limit that a request does not fit; undefined if it fits all. */
  refusalOf(need: Need, nowMs: number, wallMs: number): BudgetRefusal | undefined {
    const refusals = [
      this.#tooLarge(need),
      this.#spent('month', need, wallMs),
      this.#spent('day', need, wallMs),
      this.#late('tokens', this.tokens, need.tokens, nowMs),
      this.#late('requests', this.requests, 1, nowMs),
      this.#tooMany(),
    ];
    return refusals
      .filter((refusal) => refusal !== undefined)
      .reduce<BudgetRefusal | undefined>(bindingOf, undefined);
  }

  get state(): BudgetState {
    return { deployments: this.deployments ?? null, day: this.day.state, month: this.month.state };
  }

  #tooLarge({ textTokens, certainTokens }: Need): BudgetRefusal | undefined {
    const { tokens, day, month, deployments } = this;
    const ofPeriod = lowestOf(day.value, month.value);
    const limitValue = lowestOf(tokens.value, ofPeriod);
    if (textTokens > limitValue) return { kind: 'too-large', deployments, estimate: textTokens, limitValue };
    return certainTokens > ofPeriod
      ? { kind: 'too-large', deployments, estimate: certainTokens, limitValue: ofPeriod }
      : undefined;
  }

  #spent(limit: 'day' | 'month', need: Need, wallMs: number): BudgetRefusal | undefined {
    const { value: limitValue } = this[limit];
    if (limitValue === undefined || this[limit].hasRoomFor(need.certainTokens, need.answerTokens, wallMs))
      return undefined;
    const { used, reserved, settled, period } = this[limit].at(wallMs);
    const isSetAside = settled < limitValue && settled + need.certainTokens <= limitValue;
    const { deployments } = this;
    const { endMs: resetsAtMs } = period;
    return { kind: 'quota', limit, deployments, limitValue, used, reserved, isSetAside, resetsAtMs };
  }

  #late(
    limit: 'tokens' | 'requests',
    sliding: SlidingLimit,
    amount: number,
    nowMs: number,
  ): BudgetRefusal | undefined {
    const { value: limitValue } = sliding;
    if (limitValue === undefined || sliding.hasRoomFor(amount, nowMs)) return undefined;
    const retryMs = Math.min(MAX_RETRY_MS, Math.max(1, Math.ceil(sliding.roomInMs(amount, nowMs))));
    return { kind: 'rate', limit, deployments: this.deployments, limitValue, retryMs };
  }

  #tooMany(): BudgetRefusal | undefined {
    const { concurrent: limitValue, deployments } = this;
    if (limitValue === undefined || this.inFlight < limitValue) return undefined;
    return { kind: 'rate', limit: 'concurrent', deployments, limitValue, retryMs: UNDER_WAY_RETRY_MS };
  }
}

function lowestOf(...limits: readonly (number | undefined)[]): number {
  return Math.min(...limits.map((limit) => limit ?? Number.POSITIVE_INFINITY));
}
