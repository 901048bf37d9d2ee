import { expect, test } from 'vitest';
import { periodMs, Spending } from './spending.ts';

test('spending counts in all and by period, corrections in the period in which they are made', () => {
  const spending = new Spending();
  spending.admit(100, 0);
  spending.admit(50, 9999);
  spending.refuse(10_000);
  spending.correct(-80, 30_000);
  spending.correct(0, 50_000);
  expect(spending).toMatchObject({ admitted: 2, refused: 1, tokens: 70 });
  expect(spending.periods).toEqual([
    { fromMs: 0, admitted: 2, refused: 0, tokens: 150 },
    { fromMs: 10_000, admitted: 0, refused: 1, tokens: 0 },
    { fromMs: 30_000, admitted: 0, refused: 0, tokens: -80 },
  ]);
});

test('spending keeps the periods of an hour, and the counts of all time', () => {
  const spending = new Spending();
  for (let period = 0; period < 400; period += 1) spending.admit(1, period * periodMs);
  expect(spending.periods).toHaveLength(360);
  expect(spending.periods[0]?.fromMs).toBe(40 * periodMs);
  expect(spending.tokens).toBe(400);
});
