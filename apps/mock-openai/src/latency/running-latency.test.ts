import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { latencyPresetNames, presetOf } from './presets.ts';
import { RunningLatency } from './running-latency.ts';
import type { Latencies } from './latency.ts';
import type { Pace } from './running-latency.ts';

const noTokens = () => 0;

function running(
  latencies: Latencies,
  seed = 1,
  timeScale = 1,
  filter: 'default' | 'asynchronous' = 'default',
) {
  return new RunningLatency(latencies, seed, timeScale, filter);
}

function paceOf(latency: RunningLatency, deployment = 'gpt-4o', promptTokens = noTokens): Pace {
  const pace = latency.paceOf(deployment, promptTokens);
  if (pace === undefined) throw new Error('has no pace');
  return pace;
}

test('nothing takes time until a latency is set', () => {
  expect(running({}).paceOf('gpt-4o', noTokens)).toBeUndefined();
  expect(running({ other: { ttftMs: 5 } }).paceOf('gpt-4o', noTokens)).toBeUndefined();
});

test('a deployment has its own latency, every other that of the star', () => {
  const latency = running({ 'gpt-4o': { ttftMs: 5 }, '*': { ttftMs: 7 } });
  expect([paceOf(latency).firstMs, paceOf(latency, 'toString').firstMs]).toEqual([5, 7]);
});

test('time to the first token grows with the prompt, time to the end with the answer, and the scale divides both', () => {
  const latencies = { '*': { ttftMs: 100, msPerPromptToken: 2, tokensPerSecond: 50 } };
  const pace = paceOf(running(latencies), 'x', () => 30);
  expect([pace.firstMs, pace.wholeMs(11), pace.wholeMs(0)]).toEqual([160, 360, 160]);
  const scaled = paceOf(running(latencies, 1, 10), 'x', () => 30);
  expect([scaled.firstMs, scaled.wholeMs(11), scaled.rhythm?.nextTokenMs()]).toEqual([16, 36, 2]);
});

test('without a speed all tokens come with the first', () => {
  const pace = paceOf(running({ '*': { ttftMs: 9 } }));
  expect([pace.wholeMs(100), pace.rhythm]).toEqual([9, undefined]);
});

test('half of the first tokens are later than the median, 5 % later than its 95th percentile', () => {
  const latency = running({ '*': { ttftMs: 100, ttftSigma: 0.3 } });
  const times = Array.from({ length: 10_000 }, () => paceOf(latency).firstMs).toSorted(
    (one, two) => one - two,
  );
  expect(times[5000]).toBeCloseTo(100, -1);
  expect((times[9500] ?? 0) / (100 * Math.exp(1.645 * 0.3))).toBeCloseTo(1, 1);
});

test('tokens come at the speed that is set, however much they vary', () => {
  const { rhythm } = paceOf(running({ '*': { tokensPerSecond: 25, tokenSigma: 0.5 } }));
  let sumMs = 0;
  for (let count = 0; count < 20_000; count += 1) sumMs += rhythm?.nextTokenMs() ?? 0;
  expect(sumMs / 20_000 / 40).toBeCloseTo(1, 1);
});

test('the default filter lets 20 to 60 tokens through at once, the asynchronous one each', () => {
  const latencies = { '*': { tokensPerSecond: 25 } };
  const blocks = (filter: 'default' | 'asynchronous') => {
    const { rhythm } = paceOf(running(latencies, 1, 1, filter));
    return Array.from({ length: 2000 }, () => rhythm?.nextBlock() ?? 0);
  };
  expect([Math.min(...blocks('default')), Math.max(...blocks('default'))]).toEqual([20, 60]);
  expect(new Set(blocks('asynchronous'))).toEqual(new Set([1]));
});

function draw(latency: RunningLatency): number[] {
  return Array.from({ length: 5 }, () => paceOf(latency).firstMs);
}

test('the same seed draws the same times, also when a latency is set again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.constantFrom(...latencyPresetNames), (seed, preset) => {
      const latency = running({ '*': { preset } }, seed);
      const first = draw(latency);
      latency.start({ '*': { preset } });
      expect(draw(latency)).toEqual(first);
      expect(draw(running({ '*': { preset } }, seed))).toEqual(first);
    }),
  );
});

test('a preset is that of the longest model that a name begins with, and what is given wins over it', () => {
  const names = ['gpt-4o-mini-2', 'gpt-4o-eu', 'gpt-4.1', 'text-embedding-3-small', 'chat'];
  const presets = ['gpt-4o-mini', 'gpt-4o', 'gpt-4.1', 'text-embedding', 'gpt-4o'];
  expect(names.map(presetOf)).toEqual(presets);
  const pace = paceOf(running({ '*': { preset: 'by-name', ttftMs: 10, ttftSigma: 0 } }), 'gpt-5-eu');
  expect([pace.firstMs, pace.wholeMs(2)]).toEqual([10, 30]);
});
