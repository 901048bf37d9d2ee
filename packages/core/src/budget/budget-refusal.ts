/** Why a client's budget does not admit a request, described by the limit that binds. Nothing was charged for it. */
export type BudgetRefusal = RateRefusal | QuotaRefusal | TooLarge;

/** The budget that refuses. */
interface Refusing {
  /** The deployments that it covers; undefined: all. */
  readonly deployments: readonly string[] | undefined;
  readonly limitValue: number;
}

/** A limit per minute, or on concurrent requests, has no room. */
interface RateRefusal extends Refusing {
  readonly kind: 'rate';
  readonly limit: 'tokens' | 'requests' | 'concurrent';
  /**
   * In how many ms, at least 1 and at most 59,000, this very request fits if nothing else comes. When other requests
   * end is not known, so `concurrent` says one second.
   */
  readonly retryMs: number;
}

/** The tokens of a day or a month are spent. */
interface QuotaRefusal extends Refusing {
  readonly kind: 'quota';
  readonly limit: 'day' | 'month';
  /** The tokens that count as used, including `reserved`. */
  readonly used: number;
  /** The part of it that is set aside for requests under way. */
  readonly reserved: number;
  /** Whether the request would fit if everything set aside came back, which may happen at any moment. */
  readonly isSetAside: boolean;
  /** When the period ends, epoch ms. */
  readonly resetsAtMs: number;
}

/** The request would not fit even an untouched budget: its text alone is larger. */
interface TooLarge extends Refusing {
  readonly kind: 'too-large';
  /** The tokens of its text. */
  readonly estimate: number;
}

/** Nobody knows when a request under way will end and give back what it did not use. */
export const UNDER_WAY_RETRY_MS = 1000;

/**
 * Returns the refusal that lasts longer: never fitting outlasts waiting for a day or a month, which outlasts a minute.
 */
export function bindingOf(one: BudgetRefusal | undefined, other: BudgetRefusal): BudgetRefusal {
  return one === undefined || lastsLonger(other, one) ? other : one;
}

function lastsLonger(one: BudgetRefusal, other: BudgetRefusal): boolean {
  const [rank, otherRank] = [rankOf(one), rankOf(other)];
  if (rank !== otherRank) return rank > otherRank;
  if (one.kind === 'too-large' && other.kind === 'too-large') return one.limitValue < other.limitValue;
  if (rank === MOMENT) return retryMsOf(one) > retryMsOf(other);
  return one.kind === 'quota' && other.kind === 'quota' && one.resetsAtMs > other.resetsAtMs;
}

const MOMENT = 0;
const PERIOD = 1;
const NEVER = 2;

function rankOf(refusal: BudgetRefusal): number {
  if (refusal.kind === 'too-large') return NEVER;
  return refusal.kind === 'quota' && !refusal.isSetAside ? PERIOD : MOMENT;
}

function retryMsOf(refusal: BudgetRefusal): number {
  return refusal.kind === 'rate' ? refusal.retryMs : UNDER_WAY_RETRY_MS;
}
