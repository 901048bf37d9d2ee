import { expect, test } from 'vitest';
import { ClientCount } from './findings.ts';
import { findShortages } from './find-shortages.ts';
import { describeShortage } from './render-answers.ts';

const minute = (requests: number, refused: number): ClientCount =>
  Object.assign(new ClientCount(), { requests, refused });

test('minutes with 429s that follow each other are one shortage', () => {
  expect(
    findShortages(
      [
        [9, 0],
        [8, 1],
        [7, 2],
        [6, 0],
        [5, 5],
      ].map(([a = 0, b = 0]) => minute(a, b)),
    ),
  ).toEqual([
    { fromMinute: 1, toMinute: 2, requests: 15, refused: 3 },
    { fromMinute: 4, toMinute: 4, requests: 5, refused: 5 },
  ]);
});

test('without a 429 there is no shortage', () => {
  expect(findShortages([minute(9, 0)])).toEqual([]);
});

test('a shortage over midnight says both days’ times', () => {
  const shortage = { fromMinute: 0, toMinute: 1, requests: 1200, refused: 1100 };
  expect(describeShortage(shortage, Date.UTC(2026, 0, 1, 23, 59))).toBe(
    '2026-01-01 23:59:00 to 00:01:00: 1,100 of 1,200 requests',
  );
});
