import { expect, test } from 'vitest';
import { changesAfter, factorAt, timeCut } from './quota-cuts.ts';

const cuts = [
  timeCut({ factor: 0.5, forMs: 1000 }, 100),
  timeCut({ factor: 0.2, afterMs: 500, forMs: 200 }, 100),
];

test.each([
  [99, 1],
  [100, 0.5],
  [599, 0.5],
  [600, 0.2],
  [799, 0.2],
  [800, 0.5],
  [1099, 0.5],
  [1100, 1],
])('at %i ms the deepest cut leaves %d', (nowMs, factor) => {
  expect(factorAt(cuts, nowMs)).toBe(factor);
});

test('a list of cuts tells the moments at which the factor may change', () => {
  expect(changesAfter(cuts, 0)).toEqual([100, 600, 800, 1100]);
  expect(changesAfter(cuts, 600)).toEqual([800, 1100]);
  expect(changesAfter(cuts, 1100)).toEqual([]);
});
