import { expect, test } from 'vitest';
import { PtuDeployment } from './ptu-deployment.ts';
import type { PtuQuota } from './quota.ts';

// 60,000 tokens a minute: one each millisecond.
const quota: PtuQuota = { kind: 'ptu', units: 24, family: 'gpt-4o' };
const call = (promptTokens: number, maxTokens?: number) => ({ prompt: [promptTokens], maxTokens });

test('a provisioned deployment is charged on arrival by estimate, and drains all the time', () => {
  const limits = new PtuDeployment(quota, 'gpt-4o');
  expect(limits.judge(call(5000, 1000), 0)).toEqual({
    kind: 'admitted',
    tokens: 6000,
    usage: { kind: 'utilization', utilization: 0.1 },
  });
  expect(limits.usageAt(3000)).toEqual({ kind: 'utilization', utilization: 0.05 });
});

test('a burst may go past 100 %; then calls are refused until it is drained to 100 %', () => {
  const limits = new PtuDeployment(quota, 'gpt-4o');
  expect(limits.judge(call(60_000, 300), 0).kind).toBe('admitted');
  expect(limits.judge(call(1, 0), 0)).toEqual({
    kind: 'refused',
    tokens: 1,
    by: 'utilization',
    waitMs: expect.closeTo(300, 6),
    usage: { kind: 'utilization', utilization: 1.005 },
  });
  expect(limits.judge(call(1, 0), 299).kind).toBe('refused');
  expect(limits.judge(call(1, 0), 300).kind).toBe('admitted');
});

test('what is cached of a prompt is left out, on arrival and on finish', () => {
  const limits = new PtuDeployment(quota, 'gpt-4o');
  const size = call(3000, 1000);
  expect(limits.judge(size, 0, () => 2560)).toMatchObject({ kind: 'admitted', tokens: 440 + 1000 });
  limits.finish(size, 160, 0);
  expect(limits.usageAt(0)).toEqual({ kind: 'utilization', utilization: 600 / 60_000 });
  // The prompt is estimated from its characters, and may really be longer.
  expect(limits.judge(size, 0, () => 3072)).toMatchObject({ tokens: 1000 });
});

test('a provisioned deployment is corrected on finish by what the answer really had, more or less', () => {
  const limits = new PtuDeployment(quota, 'gpt-4o');
  limits.judge(call(1000, 5000), 0);
  expect(limits.finish(call(1000, 5000), 200, 0)).toBe(-4800);
  expect(limits.usageAt(0)).toEqual({ kind: 'utilization', utilization: 1200 / 60_000 });
  limits.judge(call(1000), 0);
  expect(limits.finish(call(1000), 36, 0)).toBe(20);
  expect(limits.finish(call(1000, 0), 36, 0)).toBe(0);
});

test.each([
  ['gpt-4.1', {}, 24 * 3000, 100 + 4 * 50],
  ['gpt-5-mini', {}, 24 * 4750, 100 + 8 * 50],
  ['gpt-4o-mini', {}, 24 * 37_000, 100 + 50],
  ['my own name', {}, 24 * 2500, 100 + 50],
  ['my own name', { inputTpmPerUnit: 100, outputWeight: 2, bucketMs: 6000 }, 240, 100 + 2 * 50],
])('%s with %j holds %i tokens, of which a call takes %i', (name, settings, capacity, tokens) => {
  const limits = new PtuDeployment({ kind: 'ptu', units: 24, ...settings }, name);
  const judgement = limits.judge(call(100, 50), 0);
  expect(judgement).toMatchObject({ tokens, usage: { utilization: tokens / capacity } });
});
