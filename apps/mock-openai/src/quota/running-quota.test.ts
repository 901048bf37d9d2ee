import { expect, test } from 'vitest';
import { RunningQuota } from './running-quota.ts';
import type { Quotas } from './quota.ts';

const size = { prompt: [600], maxTokens: 0 };
const tokensOnly = { kind: 'standard', tpm: 1000, rpm: false } as const;

function start(quotas: Quotas, timeScale = 1): RunningQuota {
  return new RunningQuota(quotas, timeScale, 5000);
}

function judge(quota: RunningQuota, name: string, nowMs: number): string | number | undefined {
  const judgement = quota.judge(name, size, nowMs)?.judgement;
  return judgement?.kind === 'refused' ? judgement.waitMs : judgement?.kind;
}

test('each deployment has a quota of its own, whether it is named or not', () => {
  const quota = start({ 'gpt-4o': tokensOnly, '*': tokensOnly });
  for (const name of ['gpt-4o', 'one', 'other']) {
    expect([judge(quota, name, 5000), judge(quota, name, 5000)]).toEqual(['admitted', 60_000]);
  }
  expect(Object.keys(quota.stateAt(5000).deployments)).toEqual(['gpt-4o', 'one', 'other']);
});

test('a deployment that has no quota is not judged', () => {
  const quota = start({ 'gpt-4o': tokensOnly });
  expect(quota.isOn).toBe(true);
  expect(judge(quota, 'other', 5000)).toBeUndefined();
  expect(judge(quota, 'constructor', 5000)).toBeUndefined();
  expect(start({}).isOn).toBe(false);
});

test('at a time scale of 60 a minute is over in a second, and waits are told in real time', () => {
  const quota = start({ '*': tokensOnly }, 60);
  expect(judge(quota, 'x', 5000)).toBe('admitted');
  expect(judge(quota, 'x', 5250)).toBe(750);
  expect(judge(quota, 'x', 6000)).toBe('admitted');
  expect(quota.stateAt(6000)).toMatchObject({ timeScale: 60, nowMs: 60_000 });
});

test('a fixed minute begins with the quota', () => {
  const quota = start({ '*': { ...tokensOnly, window: 'fixed' } });
  expect(judge(quota, 'x', 64_000)).toBe('admitted');
  expect(judge(quota, 'x', 64_000)).toBe(1000);
});

test('a cut applies to the deployments it is for, also to those first called after it', () => {
  const quota = start({ '*': tokensOnly });
  judge(quota, 'early', 5000);
  quota.cut({ deployment: 'one', factor: 0, forMs: 1000 }, 6000);
  expect([judge(quota, 'one', 6500), judge(quota, 'other', 6500)]).toEqual([500, 'admitted']);
  quota.cut({ factor: 0, forMs: 2000 }, 66_000);
  expect([judge(quota, 'early', 66_000), judge(quota, 'new', 67_000)]).toEqual([2000, 1000]);
});

test('a cut leaves provisioned deployments alone', () => {
  const quota = start({ '*': { kind: 'ptu', units: 1 } });
  quota.cut({ factor: 0, forMs: 1000 }, 5000);
  expect(judge(quota, 'x', 5000)).toBe('admitted');
});

test('what was spent is kept by deployment and over time', () => {
  const quota = start({ '*': tokensOnly });
  for (const nowMs of [5000, 6000, 65_000]) judge(quota, 'x', nowMs);
  expect(quota.stateAt(65_000).deployments).toEqual({
    x: {
      limits: {
        kind: 'rates',
        tpm: 1000,
        tokenWindowMs: 60_000,
        window: 'rolling',
        rpm: undefined,
        requestsPerWindow: undefined,
        requestWindowMs: 10_000,
        cuts: [],
      },
      usage: {
        kind: 'rates',
        limitRequests: undefined,
        remainingRequests: undefined,
        limitTokens: 1000,
        remainingTokens: 400,
      },
      admitted: 2,
      refused: 1,
      tokens: 1200,
      periods: [
        { fromMs: 0, admitted: 1, refused: 1, tokens: 600 },
        { fromMs: 60_000, admitted: 1, refused: 0, tokens: 600 },
      ],
    },
  });
});

test('a provisioned call is corrected once when it is over, and never after another quota has started', () => {
  const ptu: Quotas = { '*': { kind: 'ptu', units: 1, family: 'gpt-4o' } };
  const quota = start(ptu, 1);
  const call = { prompt: [100], maxTokens: 500 };
  const judged = quota.judge('x', call, 5000);
  judged?.finish(100, 5000);
  judged?.finish(100, 5000);
  expect(quota.stateAt(5000).deployments['x']).toMatchObject({
    tokens: 200,
    usage: { utilization: 200 / 2500 },
  });
  const late = quota.judge('x', call, 5000);
  quota.start(ptu, 6000);
  quota.judge('x', call, 6000);
  late?.finish(100, 6000);
  expect(quota.stateAt(6000).deployments['x']).toMatchObject({ admitted: 1, tokens: 600 });
});
