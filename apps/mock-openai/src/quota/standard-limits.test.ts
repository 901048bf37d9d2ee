import { expect, test } from 'vitest';
import { requestsIn, standardLimits } from './standard-limits.ts';
import type { StandardQuota } from './quota.ts';

const rates: [string, Partial<StandardQuota>, number | undefined, number][] = [
  ['gpt-35-turbo', { tpm: 30_000 }, 180, 10_000],
  ['gpt-4-32k', { tpm: 30_000 }, 180, 10_000],
  ['gpt-4o', { tpm: 50_000 }, 500, 60_000],
  ['gpt-4o-mini', { tpm: 100_000 }, 1000, 60_000],
  ['gpt-4.1-nano', { tpm: 100_000 }, 100, 60_000],
  ['text-embedding-3-large', { tpm: 1000 }, 6, 10_000],
  ['o1', { tpm: 60_000 }, 10, 60_000],
  ['o1-mini', { tpm: 60_000 }, 6, 60_000],
  ['o3', { tpm: 60_000 }, 60, 60_000],
  ['o3-pro', { tpm: 60_000 }, 6, 60_000],
  ['whisper', {}, 3, 60_000],
  ['dall-e-3', {}, 6, 60_000],
  ['my own name', { tpm: 10_000 }, 60, 10_000],
  ['my own name', { tpm: 10_000, family: 'gpt-4o' }, 100, 60_000],
  ['gpt-4o', { tpm: 10_000, requestsPerKTokens: 2, reportedWindowMs: 1000 }, 20, 1000],
  ['gpt-4o', { tpm: 10_000, rpm: 7 }, 7, 60_000],
  ['gpt-4o', { tpm: 10_000, rpm: false }, undefined, 60_000],
  ['gpt-4o', {}, undefined, 60_000],
];

test.each(rates)('%s with %j is allowed %s requests a minute', (deployment, quota, rpm, reportedWindowMs) => {
  const limits = standardLimits({ kind: 'standard', ...quota }, deployment);
  expect(limits.rpm === undefined ? undefined : Number(limits.rpm.toFixed(9))).toBe(rpm);
  expect(limits).toMatchObject({ tpm: quota.tpm, reportedWindowMs, requestWindowMs: 10_000 });
});

test.each([
  [10_000, 12, 1, 2],
  [1000, 300, 1, 5],
  [10_000, 10, 1, 2],
  [10_000, 1, 1, 1],
  [60_000, 100, 1, 100],
  [10_000, 600, 0.1, 10],
  [10_000, 180, 0.7, 21],
  [10_000, 600, 0, 0],
])('%i ms of %i requests a minute, cut to %d, are %i', (windowMs, rpm, factor, requests) => {
  expect(requestsIn(windowMs, rpm, factor)).toBe(requests);
});
