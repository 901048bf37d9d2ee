import type { ThrottleText } from '../azure/throttle-text.ts';
import type { Family } from './presets.ts';
import type { QuotaCut } from './quota-cuts.ts';

/** The quotas of a mock by deployment; `*` is for every other one, each of which has a quota of its own. */
export type Quotas = Readonly<Record<string, Quota>>;

/** The quota of one deployment; all times are the quota's, which `timeScale` makes pass faster. */
export type Quota = StandardQuota | PtuQuota;

/** The form in which an answer reports the limits; see the README. */
export type RateHeaders = (typeof rateHeaderForms)[number];

/** The names of all shapes. */
export const rateHeaderForms = ['classic', '2023', 'responses', '86400', 'none'] as const;

/** Pay-as-you-go: a number of tokens and requests per minute. */
export interface StandardQuota {
  readonly kind: 'standard';
  /** Tokens per minute; without it they are not limited. */
  readonly tpm?: number | undefined;
  /** Requests per minute, or `false` for no limit; without it the family's ratio to `tpm`. */
  readonly rpm?: number | false | undefined;
  /** The family whose preset fills in missing values; without it the one that the deployment's name begins with. */
  readonly family?: Family | undefined;
  /** Requests per minute for each 1,000 tokens per minute, instead of the family's. */
  readonly requestsPerKTokens?: number | undefined;
  /** Whether a token comes back 60 s after it was charged, or all at the next minute (`rolling`). */
  readonly window?: 'rolling' | 'fixed' | undefined;
  /** The time in which its share of `rpm` is allowed, 1 s or 10 s (10 s). */
  readonly requestWindowMs?: number | undefined;
  /** The window of the request headers, 1 s, 10 s or 60 s, instead of the family's. */
  readonly reportedWindowMs?: number | undefined;
  /** The charge of a call: the prompt and `max_tokens`, or `max_tokens` alone (`prompt-and-max-tokens`). */
  readonly charge?: 'prompt-and-max-tokens' | 'max-tokens' | undefined;
  /** The `max_tokens` of a call without one (16). */
  readonly maxTokensDefault?: number | undefined;
  /** How the prompt is estimated (4). */
  readonly charactersPerToken?: number | undefined;
  /** The shape of the headers (`classic`). */
  readonly headers?: RateHeaders | undefined;
  /** Whether `retry-after-ms` is sent beside `Retry-After` (false). */
  readonly hasRetryAfterMs?: boolean | undefined;
  /** Which of Azure's texts a refusal carries, instead of the usual one of its headers. */
  readonly text?: ThrottleText | undefined;
  /** Cuts of the limits, timed from when the quota is set. */
  readonly cuts?: readonly QuotaCut[] | undefined;
}

/** Provisioned throughput: a bucket that calls fill and that drains all the time. */
export interface PtuQuota {
  readonly kind: 'ptu';
  /** How many units are provisioned. */
  readonly units: number;
  /** The family whose preset fills in missing values; without it the one that the deployment's name begins with. */
  readonly family?: Family | undefined;
  /** Input tokens per minute that a unit drains, instead of the family's. */
  readonly inputTpmPerUnit?: number | undefined;
  /** How many input tokens an output token weighs, instead of the family's. */
  readonly outputWeight?: number | undefined;
  /** The time in which a full bucket drains, which defines its size (60 s). */
  readonly bucketMs?: number | undefined;
  /** The guess for a call without `max_tokens` (16). */
  readonly maxTokensDefault?: number | undefined;
  /** How the prompt is estimated (4). */
  readonly charactersPerToken?: number | undefined;
  /** The text of a refusal, in which `{seconds}` stands for the time to wait. */
  readonly message?: string | undefined;
}
