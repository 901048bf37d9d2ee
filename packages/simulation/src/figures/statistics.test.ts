import { expect, test } from 'vitest';
import { median, medianRatio, percentile } from './statistics.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('a ratio is taken round by round, so that a slow round counts for both sides', () => {
  expect(medianRatio([12, 120, 13], [10, 100, 10])).toBeCloseTo(1.2);
});

test.each([
  [0.5, 6],
  [0.99, 10],
  [1, 10],
])('the %d share of ten values is not above %d', (share, expected) => {
  expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share)).toBe(expected);
});
