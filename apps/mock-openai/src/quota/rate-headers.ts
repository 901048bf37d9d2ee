import type { Usage } from './judgement.ts';
import type { Quota } from './quota.ts';

const unknownRates: readonly string[] = [
  'x-ratelimit-limit-tokens',
  '-1',
  'x-ratelimit-remaining-tokens',
  '-1',
  'x-ratelimit-reset-tokens',
  '0',
];

/** Writes an answer's headers about its deployment's limits, names and values in turn, in the configured shape. */
export function usageHeaders(usage: Usage, quota: Quota): readonly string[] {
  if (usage.kind === 'utilization') {
    return ['azure-openai-deployment-utilization', `${(usage.utilization * 100).toFixed(1)}%`];
  }
  const form = quota.kind === 'standard' ? quota.headers : undefined;
  if (form === 'none') return [];
  if (form === 'responses') {
    return unknownRates;
  }
  // Before 2025 only the remainder was reported, without its limit.
  const limits =
    form === '2023'
      ? []
      : [
          ...header('x-ratelimit-limit-requests', usage.limitRequests),
          ...header('x-ratelimit-limit-tokens', usage.limitTokens),
        ];
  return [
    ...limits,
    ...header('x-ratelimit-remaining-requests', usage.remainingRequests),
    ...header('x-ratelimit-remaining-tokens', usage.remainingTokens),
  ];
}

/**
 * Writes a refusal's headers about the limits: the same as an answer's, except for those missing in the traces of 2023.
 */
export function refusalUsageHeaders(usage: Usage, quota: Quota, isCall: boolean): readonly string[] {
  const isOld = quota.kind === 'standard' && quota.headers === '2023';
  if (!isOld || usage.kind !== 'rates') return usageHeaders(usage, quota);
  return isCall ? [] : header('x-ratelimit-remaining-requests', usage.remainingRequests);
}

function header(name: string, value: number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)];
}
