import { expect, test } from 'vitest';
import { logNormal, seeded, seedOf } from './random.ts';

const draw = (seed: number) => Array.from({ length: 5 }, seeded(seed));

test('the same seed draws the same numbers, another seed others', () => {
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('mocks of one seed that differ in name draw other numbers', () => {
  expect(seedOf(1, 'eastus')).not.toBe(seedOf(1, 'westeurope'));
  expect(seedOf(1, 'eastus')).not.toBe(seedOf(2, 'eastus'));
});

test('half of the log-normal numbers are below 1, and their logarithms deviate by sigma', () => {
  const random = seeded(3);
  const logs = Array.from({ length: 20_000 }, () => Math.log(logNormal(random, 0.3)));
  const below = logs.filter((log) => log < 0).length / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + log * log, 0) / logs.length);
  expect(below).toBeCloseTo(0.5, 1);
  expect(deviation).toBeCloseTo(0.3, 2);
});

test('without a deviation every log-normal number is 1', () => {
  expect(logNormal(seeded(1), 0)).toBe(1);
});
