import { expect, test } from 'vitest';
import { ApimSample } from './apim-sample.ts';

const first = { url: 'http://first', priority: 1 };
const spare = { url: 'http://spare', priority: 2 };
const throttled = { status: 429, cooldownMs: 5_000 };

/** Draws these numbers in turn. */
function scripted(...numbers: number[]) {
  return () => numbers.shift() ?? 0;
}

test('the sample of Azure picks at random among the backends of the lowest priority', () => {
  const sample = new ApimSample([spare, first, first, first], scripted(0, 0.34, 0.99));
  expect([sample.pick(0), sample.pick(0), sample.pick(0)]).toEqual([1, 2, 3]);
});

test('the sample of Azure leaves a throttled backend alone for as long as it said, and then takes it again', () => {
  const sample = new ApimSample([first, spare], scripted());
  expect(sample.pick(0)).toBe(0);
  expect(sample.shouldRetry(0, throttled, 0)).toBe(true);
  expect(sample.pick(4_999)).toBe(1);
  expect(sample.pick(5_000)).toBe(0);
});

test.each([
  [200, false],
  [400, false],
  [401, true],
  [404, false],
  [429, true],
  [500, true],
  [503, true],
])('the sample of Azure tries a request that was answered %s again: %s', (status, isRetried) => {
  const sample = new ApimSample([first, first], scripted());
  expect(sample.shouldRetry(0, { status, cooldownMs: 5_000 }, 0)).toBe(isRetried);
});

test('when all are throttling the request goes to backend 0, whose refusal the client gets', () => {
  const sample = new ApimSample([first, first], scripted());
  expect(sample.shouldRetry(1, throttled, 0)).toBe(true);
  expect(sample.shouldRetry(0, throttled, 0)).toBe(false);
  expect(sample.pick(1)).toBe(0);
  expect(sample.shouldRetry(0, { status: 429, cooldownMs: 1_000 }, 1)).toBe(false);
  // Its latest answer counts, though an earlier one asked for longer.
  expect(sample.shouldRetry(1, throttled, 1_001)).toBe(true);
});
