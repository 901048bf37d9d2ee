import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

/** Takes retries until none is left. Returns how many there were. */
function takeAll(budget: RetryBudget, nowMs: number): number {
  let taken = 0;
  while (budget.take(nowMs)) taken++;
  return taken;
}

test('a retry budget starts with what ten seconds without a request earn', () => {
  expect(takeAll(new RetryBudget({ share: 0.2, minRetriesPerSecond: 10 }), 0)).toBe(100);
});

test('a retry budget earns its share of every request', () => {
  const budget = new RetryBudget({ share: 0.25, minRetriesPerSecond: 0 });
  for (let request = 0; request < 40; request++) budget.earn(0);
  expect(takeAll(budget, 0)).toBe(10);
});

test('a retry budget is never exceeded when it is nothing', () => {
  const budget = new RetryBudget({ share: 0, minRetriesPerSecond: 0 });
  for (let request = 0; request < 1000; request++) budget.earn(request);
  expect(budget.take(1000)).toBe(false);
});

test('a retry budget forgets what it earned long ago', () => {
  const budget = new RetryBudget({ share: 1, minRetriesPerSecond: 1 });
  for (let request = 0; request < 5000; request++) budget.earn(0);
  expect(takeAll(budget, 120_000)).toBe(10);
});

test('a retry budget recovers once it is spent', () => {
  const budget = new RetryBudget({ share: 0, minRetriesPerSecond: 10 });
  takeAll(budget, 0);
  expect(takeAll(budget, 1000)).toBe(9);
  takeAll(budget, 1000);
  expect(takeAll(budget, 200_000)).toBeGreaterThanOrEqual(99);
});

test('a retry budget keeps retries to its share of steady traffic, beyond what was saved', () => {
  const budget = new RetryBudget({ share: 0.2, minRetriesPerSecond: 0 });
  let retries = 0;
  for (let request = 0; request < 20_000; request++) {
    budget.earn(request);
    if (budget.take(request)) retries++;
  }
  expect(retries).toBeGreaterThan(3600);
  expect(retries).toBeLessThanOrEqual(4000);
});

test('whatever comes in whichever order, no more is taken than was saved and earned', () => {
  const step = fc.record({
    afterMs: fc.double({ min: 0, max: 2000, noNaN: true }),
    isRequest: fc.boolean(),
  });
  const bounds = fc.record({
    share: fc.double({ min: 0, max: 2, noNaN: true }),
    minRetriesPerSecond: fc.double({ min: 0, max: 50, noNaN: true }),
  });
  fc.assert(
    fc.property(bounds, fc.array(step, { maxLength: 200 }), ({ share, minRetriesPerSecond }, steps) => {
      const budget = new RetryBudget({ share, minRetriesPerSecond });
      let nowMs = 0;
      let [requests, taken] = [0, 0];
      for (const { afterMs, isRequest } of steps) {
        nowMs += afterMs;
        if (isRequest) {
          requests++;
          budget.earn(nowMs);
        } else if (budget.take(nowMs)) {
          taken++;
        }
        const most = minRetriesPerSecond * (10 + nowMs / 1000) + share * requests;
        expect(taken).toBeLessThanOrEqual(most + 1e-6);
      }
    }),
  );
});
