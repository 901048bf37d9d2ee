import type { HeaderLookup } from '../attempt.ts';

/** The quota as an answer's headers report it; values that are absent or marked unknown are undefined. */
export interface RateReport {
  readonly limitTokens: number | undefined;
  readonly remainingTokens: number | undefined;
  readonly limitRequests: number | undefined;
  readonly remainingRequests: number | undefined;
  /** The share of provisioned throughput in use; 1 is all of it. */
  readonly utilization: number | undefined;
}

/**
 * The provisioned throughput was full, and may need as much as a second to have room: nothing says how far over it was.
 */
export const SPILLED_OVER: RateReport = {
  limitTokens: undefined,
  remainingTokens: undefined,
  limitRequests: undefined,
  remainingRequests: undefined,
  utilization: 1.02,
};

/**
 * Reads `x-ratelimit-limit-*` and `-remaining-*`, and `azure-openai-deployment-utilization`; of Claude's answers, which
 * have none of these, `anthropic-ratelimit-*`. Limits of -1 and 0 mean "unknown" (openai-dotnet #838), and so does the
 * remainder of such a limit. If Azure itself has spilled the request over to another deployment, the other headers
 * describe that deployment.
 */
export function readRateReport(header: HeaderLookup): RateReport {
  if (header('x-ms-spillover-from-deployment')) return SPILLED_OVER;
  const limitTokens = header('x-ratelimit-limit-tokens');
  const limitRequests = header('x-ratelimit-limit-requests');
  if (limitRequests === undefined && header('anthropic-ratelimit-requests-limit') !== undefined)
    return readClaudeReport(header);
  return {
    limitTokens: positive(limitTokens),
    remainingTokens: left(header('x-ratelimit-remaining-tokens'), limitTokens),
    limitRequests: positive(limitRequests),
    remainingRequests: left(header('x-ratelimit-remaining-requests'), limitRequests),
    utilization: percentage(header('azure-openai-deployment-utilization')),
  };
}

/** Claude counts input and output separately: the limit that is nearest to its end counts. */
const CLAUDE_TOKENS = ['tokens', 'input-tokens', 'output-tokens'] as const;

function readClaudeReport(header: HeaderLookup): RateReport {
  const [tokens] = CLAUDE_TOKENS.map((kind) => readClaudeLimit(header, kind)).toSorted(
    (one, other) => shareOf(one) - shareOf(other),
  );
  const requests = readClaudeLimit(header, 'requests');
  return {
    limitTokens: tokens?.limit,
    remainingTokens: tokens?.remaining,
    limitRequests: requests.limit,
    remainingRequests: requests.remaining,
    utilization: undefined,
  };
}

function readClaudeLimit(header: HeaderLookup, kind: string) {
  const limit = header(`anthropic-ratelimit-${kind}-limit`);
  const remaining = left(header(`anthropic-ratelimit-${kind}-remaining`), limit);
  return { limit: positive(limit), remaining };
}

function shareOf({ limit, remaining }: ReturnType<typeof readClaudeLimit>): number {
  return limit === undefined || remaining === undefined ? Number.POSITIVE_INFINITY : remaining / limit;
}

/** The limit that a refusal is about. */
export type RefusalPolicy = 'requests' | 'tokens';

/** Returns which limit a refusal is about, if it says so: Azure names the policy, and when its window ends. */
export function readRefusalPolicy(header: HeaderLookup): RefusalPolicy | undefined {
  const policy = header('policy-id');
  if (policy?.endsWith('Call') === true) return 'requests';
  if (policy?.endsWith('Token') === true) return 'tokens';
  const isOfTokens = header('x-ratelimit-reset-tokens') !== undefined;
  const isOfRequests = header('x-ratelimit-reset-requests') !== undefined;
  if (policy !== undefined || isOfTokens === isOfRequests) return undefined;
  return isOfTokens ? 'tokens' : 'requests';
}

function positive(value: string | undefined): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number > 0 ? number : undefined;
}

/** "Nothing left" is believed only of a limit that is stated. */
function left(value: string | undefined, limit: string | undefined): number | undefined {
  const number = numberOf(value);
  if (number === undefined || number < 0) return undefined;
  if (limit !== undefined) return positive(limit) === undefined ? undefined : number;
  return number > 0 ? number : undefined;
}

/** `12.3%`, and sometimes empty. */
function percentage(value: string | undefined): number | undefined {
  if (value === undefined || !value.endsWith('%')) return undefined;
  const number = numberOf(value.slice(0, -1));
  return number !== undefined && number >= 0 ? number / 100 : undefined;
}

/** Anything longer is not a number that a server sends. */
const LONGEST = 20;

function numberOf(value: string | undefined): number | undefined {
  if (value === undefined || value === '' || value.length > LONGEST) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
