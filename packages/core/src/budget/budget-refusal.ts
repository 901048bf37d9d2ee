/** Why a client's budget does not admit a request, described by the limit that binds. Nothing was charged for it. */
export type BudgetRefusal = RateRefusal | QuotaRefusal | TooLarge;

/** Which budget it is that refuses. */
interface Refusing {
  /** The deployments that it covers; undefined: all. */
  readonly deployments: readonly string[] | undefined;
  readonly limitValue: number;
}

/** A limit of a minute, or of what is under way at once, has no room. */
interface RateRefusal extends Refusing {
  readonly kind: 'rate';
  readonly limit: 'tokens' | 'requests' | 'concurrent';
  /**
   * In how many ms, at least 1 and at most 59,000, this very request fits if nothing else comes. When others end is not
   * known, so `concurrent` says a second.
   */
  readonly retryMs: number;
}

/** The tokens of a day or a month are spent. */
interface QuotaRefusal extends Refusing {
  readonly kind: 'quota';
  readonly limit: 'day' | 'month';
  /** What counts as used, `reserved` included. */
  readonly used: number;
  /** What of it is set aside for requests under way. */
  readonly reserved: number;
  /** Whether the request would fit if all that is set aside came back, which may be in a moment. */
  readonly isSetAside: boolean;
  /** When the period ends, epoch ms. */
  readonly resetsAtMs: number;
}

/** The request would not fit an untouched budget: its text alone is larger. */
interface TooLarge extends Refusing {
  readonly kind: 'too-large';
  /** The tokens of its text. */
  readonly estimate: number;
}

/** When a request under way ends, and gives back what it does not take, is not known. */
export const UNDER_WAY_RETRY_MS = 1000;

/** Returns the refusal that lasts longer: what never fits, what waits for a day or a month, what waits for a minute. */
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
