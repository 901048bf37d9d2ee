import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerLookup, type Headers } from '../testing/make-answer.ts';
import { type RateReport, readRateReport, readRefusalPolicy } from './quota-headers.ts';

const NOTHING: RateReport = {
  limitTokens: undefined,
  remainingTokens: undefined,
  limitRequests: undefined,
  remainingRequests: undefined,
  utilization: undefined,
};

const tokens = (limit: string | undefined, remaining: string): Headers => ({
  ...(limit !== undefined && { 'x-ratelimit-limit-tokens': limit }),
  'x-ratelimit-remaining-tokens': remaining,
});
const claudes = (limits: Readonly<Record<string, readonly [limit: number, remaining: number]>>): Headers =>
  Object.fromEntries(
    Object.entries(limits).flatMap(([kind, [limit, remaining]]) => [
      [`anthropic-ratelimit-${kind}-limit`, String(limit)],
      [`anthropic-ratelimit-${kind}-remaining`, String(remaining)],
    ]),
  );
const utilization = (value: string): Headers => ({ 'azure-openai-deployment-utilization': value });

test.each<[string, Headers, Partial<RateReport>]>([
  ['no headers', {}, {}],
  [
    'limits and what is left of them',
    {
      ...tokens('100000', '99995'),
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '99',
    },
    { limitTokens: 100_000, remainingTokens: 99_995, limitRequests: 100, remainingRequests: 99 },
  ],
  [
    'what is left, without the limits, as before 2025',
    { 'x-ratelimit-remaining-requests': '29', 'x-ratelimit-remaining-tokens': '29960' },
    { remainingRequests: 29, remainingTokens: 29_960 },
  ],
  ['nothing left of a limit', tokens('1000', '0'), { limitTokens: 1000, remainingTokens: 0 }],
  ['nothing left, but of what', tokens(undefined, '0'), {}],
  ['-1, which means unknown (openai-dotnet #838)', tokens('-1', '-1'), {}],
  ['a limit of -1, and 0 left', tokens('-1', '0'), {}],
  ['a spillover from nowhere, which is none', { 'x-ms-spillover-from-deployment': '' }, {}],
  ['a limit of 0', tokens('0', '0'), {}],
  ['a limit of 0, and more left', tokens('0', '5'), {}],
  ['a limit, and -1 left', tokens('1000', '-1'), { limitTokens: 1000 }],
  ['what is no number', tokens('many', 'few'), {}],
  ['what is not finite', tokens('Infinity', '1e999'), {}],
  ['empty values', tokens('', ''), {}],
  ['a limit that is no number, and what is left of it', tokens('many', '5'), {}],
  ['numbers of absurd length', tokens('9'.repeat(30), '9'.repeat(30)), {}],
  ['a utilisation', utilization('12.5%'), { utilization: 0.125 }],
  ['a utilisation of nothing', utilization('0%'), { utilization: 0 }],
  ['more than all in use', utilization('104.0%'), { utilization: 1.04 }],
  ['an empty utilisation', utilization(''), {}],
  ['a utilisation without a unit', utilization('12.3'), {}],
  ['a utilisation of no number', utilization('%'), {}],
  ['a utilisation below nothing', utilization('-1%'), {}],
  [
    'Claude’s limits',
    claudes({ requests: [50, 49], tokens: [100_000, 90_000] }),
    { limitRequests: 50, remainingRequests: 49, limitTokens: 100_000, remainingTokens: 90_000 },
  ],
  [
    'the limit of Claude’s tokens that is nearest to its end',
    claudes({ requests: [50, 0], 'input-tokens': [40_000, 4000], 'output-tokens': [8000, 4000] }),
    { limitRequests: 50, remainingRequests: 0, limitTokens: 40_000, remainingTokens: 4000 },
  ],
  ['Claude’s requests alone', claudes({ requests: [50, 7] }), { limitRequests: 50, remainingRequests: 7 }],
  [
    'Azure’s limits beside Claude’s',
    { ...claudes({ requests: [50, 7] }), 'x-ratelimit-limit-requests': '100' },
    { limitRequests: 100 },
  ],
])('the report on a quota is read from %s', (_, headers, expected) => {
  expect(readRateReport(headerLookup(headers))).toEqual({ ...NOTHING, ...expected });
});

test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['a policy for calls', { 'policy-id': 'DeploymentRatelimit-Call' }, 'requests'],
  ['a policy for tokens', { 'policy-id': 'DeploymentRatelimit-Token' }, 'tokens'],
  ['a policy for something else', { 'policy-id': 'HighDemand', 'x-ratelimit-reset-tokens': '5' }, undefined],
  ['when requests come back', { 'x-ratelimit-reset-requests': '5' }, 'requests'],
  ['when tokens come back', { 'x-ratelimit-reset-tokens': '5' }, 'tokens'],
  ['when both come back', { 'x-ratelimit-reset-requests': '5', 'x-ratelimit-reset-tokens': '5' }, undefined],
  ['nothing', {}, undefined],
])('what a refusal is for is read from %s', (_, headers, policy) => {
  expect(readRefusalPolicy(headerLookup(headers))).toBe(policy);
});

test('whatever the headers say, what it tells is a number that makes sense, or nothing', () => {
  const text = fc.option(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.func(text), (header) => {
      const report = readRateReport(header);
      for (const value of Object.values(report) as (number | undefined)[]) {
        if (value === undefined) continue;
        expect(value).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(value)).toBe(true);
      }
      expect(report.limitTokens).not.toBe(0);
      expect(report.limitRequests).not.toBe(0);
    }),
  );
});
