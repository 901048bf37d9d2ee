import { expect, test } from 'vitest';
import { usageHeaders } from './rate-headers.ts';
import { refusalStep } from './refusal-step.ts';
import type { ThrottleStep } from '../script/step.ts';
import type { Usage } from './judgement.ts';
import type { Quota, StandardQuota } from './quota.ts';

const usage: Usage = {
  kind: 'rates',
  limitRequests: 30,
  remainingRequests: 29,
  limitTokens: 30_000,
  remainingTokens: 12,
};
const unknownRates = {
  'x-ratelimit-limit-tokens': '-1',
  'x-ratelimit-remaining-tokens': '-1',
  'x-ratelimit-reset-tokens': '0',
};
const remaining = { 'x-ratelimit-remaining-requests': '29', 'x-ratelimit-remaining-tokens': '12' };
const all = { 'x-ratelimit-limit-requests': '30', 'x-ratelimit-limit-tokens': '30000', ...remaining };
const call = { 'policy-id': 'DeploymentRatelimit-Call' };
const token = { 'policy-id': 'DeploymentRatelimit-Token' };

function told(quota: Quota, of: Usage = usage): Record<string, string> {
  const headers = usageHeaders(of, quota);
  const names = headers.filter((_, index) => index % 2 === 0);
  return Object.fromEntries(names.map((name, index) => [name, headers[index * 2 + 1] ?? '']));
}

const successes: [Partial<StandardQuota>, Record<string, string>][] = [
  [{}, all],
  [{ headers: 'classic' }, all],
  [{ headers: '86400' }, all],
  [{ headers: '2023' }, remaining],
  [{ headers: 'responses' }, unknownRates],
  [{ headers: 'none' }, {}],
];

test.each(successes)('an answer within a quota of %j tells its rates in that shape', (quota, headers) => {
  expect(told({ kind: 'standard', ...quota })).toEqual(headers);
});

test('a limit that there is not is not told', () => {
  const some: Usage = { ...usage, limitTokens: undefined, remainingTokens: undefined };
  expect(told({ kind: 'standard' }, some)).toEqual({
    'x-ratelimit-limit-requests': '30',
    'x-ratelimit-remaining-requests': '29',
  });
});

test.each([
  [0, '0.0%'],
  [0.1234, '12.3%'],
  [1.005_01, '100.5%'],
])('a utilization of %d is told as %s', (utilization, value) => {
  expect(told({ kind: 'ptu', units: 1 }, { kind: 'utilization', utilization })).toEqual({
    'azure-openai-deployment-utilization': value,
  });
});

const refusals: ['tokens' | 'requests', Partial<StandardQuota>, Partial<ThrottleStep>][] = [
  ['tokens', {}, { retryAfterSeconds: 5, resetTokens: 5, text: 'token-rate', headers: { ...all, ...token } }],
  [
    'requests',
    {},
    { retryAfterSeconds: 5, resetRequests: 5, text: 'call-rate', headers: { ...all, ...call } },
  ],
  [
    'tokens',
    { hasRetryAfterMs: true, text: 'high-demand' },
    {
      retryAfterSeconds: 5,
      retryAfterMs: 4001,
      resetTokens: 5,
      text: 'high-demand',
      headers: { ...all, ...token },
    },
  ],
  [
    'tokens',
    { headers: '2023' },
    {
      retryAfterSeconds: false,
      text: 'token-rate',
      headers: { 'x-ratelimit-remaining-requests': '29', ...token, 'x-rate-limit-reset-tokens': '5' },
    },
  ],
  [
    'requests',
    { headers: '2023' },
    { retryAfterSeconds: false, resetRequests: 5, text: 'call-rate-short', headers: call },
  ],
  [
    'tokens',
    { headers: 'responses' },
    { retryAfterSeconds: false, text: 'token-rate-2025', headers: { ...unknownRates, ...token } },
  ],
  [
    'tokens',
    { headers: '86400' },
    {
      retryAfterSeconds: 86_400,
      textSeconds: 86_400,
      text: 'token-rate-aiservices',
      headers: { ...all, ...token },
    },
  ],
  [
    'tokens',
    { headers: 'none' },
    { retryAfterSeconds: 5, text: 'high-demand', hasPolicy: false, headers: {} },
  ],
  [
    'requests',
    { headers: 'none' },
    { retryAfterSeconds: 5, text: 'high-demand', hasPolicy: false, headers: {} },
  ],
];

test.each(refusals)('a refusal by %s under %j is a throttle step of that shape', (by, quota, step) => {
  const refusal = { kind: 'refused', tokens: 1, by, waitMs: 4000.2, usage } as const;
  expect(refusalStep(refusal, { kind: 'standard', ...quota })).toEqual({
    kind: 'throttle',
    textSeconds: 5,
    ...step,
  });
});

test.each([
  [0.001, 1, 1],
  [180, 180, 1],
  [1000, 1000, 1],
  [1000.5, 1001, 2],
])('a provisioned deployment that is over for %d ms says %i ms and %i s', (waitMs, milliseconds, seconds) => {
  const full: Usage = { kind: 'utilization', utilization: 1.01 };
  const refusal = { kind: 'refused', tokens: 1, by: 'utilization', waitMs, usage: full } as const;
  const step = {
    kind: 'throttle',
    retryAfterMs: milliseconds,
    retryAfterSeconds: seconds,
    text: 'ptu',
    headers: { 'azure-openai-deployment-utilization': '101.0%' },
  };
  expect(refusalStep(refusal, { kind: 'ptu', units: 1 })).toEqual(step);
  const message = 'Wait {seconds} s.';
  expect(refusalStep(refusal, { kind: 'ptu', units: 1, message })).toEqual({
    ...step,
    message: `Wait ${seconds} s.`,
  });
});
