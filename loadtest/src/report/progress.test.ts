import { expect, test } from 'vitest';
import { cutToWidth, renderBar } from './progress.ts';

test.each([
  [0, '░░░░░░░░░░░░░░░░░░░░   0 %'],
  [0.499, '██████████░░░░░░░░░░  49 %'],
  [1, '████████████████████ 100 %'],
  [1.02, '████████████████████ 100 %'],
  [-0.1, '░░░░░░░░░░░░░░░░░░░░   0 %'],
])('a bar is filled by the share that is over: %d', (share, expected) => {
  expect(renderBar(share)).toBe(expected);
});

test.each([
  [40, '██████████░░░░░░░░░░  50 % throttled: 2'],
  [200, '██████████░░░░░░░░░░  50 % throttled: 2.0 of 8.5 s'],
  // Some terminals do not know their width.
  [0, '██████████░░░░░░░░░░  50 % throttled: 2.0 of 8.5 s'],
])('a line fits into one row of %d columns', (columns, expected) => {
  expect(cutToWidth(`${renderBar(0.5)} throttled: 2.0 of 8.5 s`, columns)).toBe(expected);
});
