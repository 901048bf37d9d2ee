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
  /** When the period ends, epoch ms. */
  readonly resetsAtMs: number;
}

/** The request would not fit an untouched budget: its text alone is larger. */
interface TooLarge extends Refusing {
  readonly kind: 'too-large';
  /** The tokens of its text. */
  readonly estimate: number;
}

/** Returns the refusal that lasts longer: what never fits, what waits for a day or a month, what waits for a minute. */
export function bindingOf(one: BudgetRefusal | undefined, other: BudgetRefusal): BudgetRefusal {
  return one === undefined || lastsLonger(other, one) ? other : one;
}

const RANKS = { rate: 0, quota: 1, 'too-large': 2 } as const;

function lastsLonger(one: BudgetRefusal, other: BudgetRefusal): boolean {
  if (one.kind === 'rate' && other.kind === 'rate') return one.retryMs > other.retryMs;
  if (one.kind === 'quota' && other.kind === 'quota') return one.resetsAtMs > other.resetsAtMs;
  if (one.kind === 'too-large' && other.kind === 'too-large') return one.limitValue < other.limitValue;
  return RANKS[one.kind] > RANKS[other.kind];
}
