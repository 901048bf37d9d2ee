import { expect, test } from 'vitest';
import { RecentSamples } from './recent-samples.ts';

test('percentiles are of the last measurements since a moment', () => {
  const samples = new RecentSamples(100);
  expect(samples.percentiles([0.5], 0)).toBeUndefined();
  for (let value = 1; value <= 250; value++) samples.add(value, value);
  expect(samples.percentiles([0, 0.5, 0.95, 1], 0)).toEqual([151, 200, 245, 250]);
  expect(samples.percentiles([0.5, 0.99], 241)).toEqual([245, 250]);
  expect(samples.percentiles([0.5], 251)).toBeUndefined();
});

test('the percentiles of one measurement are that', () => {
  const samples = new RecentSamples(100);
  samples.add(7, 0);
  expect(samples.percentiles([0.01, 0.99], 0)).toEqual([7, 7]);
});
