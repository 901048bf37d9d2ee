import { expect, test } from 'vitest';
import { backendQuota, tokensPerMinute, usualSetup } from '../harvest-setup.ts';
import { beginningTokens, planLoad } from './plan-load.ts';

const minuteMs = 60_000 / usualSetup.timeScale;
const isWarmUp = ({ atMs }: { readonly atMs: number }) => atMs < minuteMs;

test('the same seed plans the same load, another one another', () => {
  const plan = planLoad(1, usualSetup);
  expect(planLoad(1, usualSetup)).toEqual(plan);
  expect(planLoad(1, { ...usualSetup, seed: 2 })).not.toEqual(plan);
});

test.each([0.5, 0.9, 1, 1.5, 2])(
  'a load of %s offers that many times the quotas, give or take one request',
  (load) => {
    const plan = planLoad(load, usualSetup);
    const offered = (requests: typeof plan) => requests.reduce((sum, { tokens }) => sum + tokens, 0);
    const warmUp = offered(plan.filter(isWarmUp)) - load * tokensPerMinute;
    const measured = offered(plan.filter((request) => !isWarmUp(request))) - 3 * load * tokensPerMinute;
    for (const excess of [warmUp, measured]) {
      expect(excess).toBeGreaterThanOrEqual(0);
      expect(excess).toBeLessThan(4_500);
    }
  },
);

test('requests are numbered in the order in which they are sent, all within the run', () => {
  const plan = planLoad(2, usualSetup);
  expect(plan.map(({ number }) => number)).toEqual(plan.map((_, index) => index + 1));
  expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).sort((a, b) => a - b));
  expect(plan.at(-1)?.atMs).toBeLessThan(4 * minuteMs);
});

test('a backend runs out of tokens long before it runs out of requests', () => {
  const plan = planLoad(1, usualSetup);
  const mean = plan.reduce((sum, { tokens }) => sum + tokens, 0) / plan.length;
  expect(backendQuota.tpm / mean).toBeLessThan(backendQuota.rpm / 2);
});

test('half of the requests are streamed, and the long ones belong to conversations', () => {
  const plan = planLoad(2, usualSetup);
  const streamed = plan.filter(({ isStreamed }) => isStreamed).length / plan.length;
  expect(streamed).toBeGreaterThan(0.45);
  expect(streamed).toBeLessThan(0.55);
  for (const { tokens, maxTokens, conversation } of plan)
    expect(conversation !== undefined).toBe(tokens - maxTokens > beginningTokens + 15);
});
