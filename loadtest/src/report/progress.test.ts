import { expect, test } from 'vitest';
import { renderBar } from './progress.ts';

test.each([
  [0, '░░░░░░░░░░░░░░░░░░░░   0 %'],
  [0.499, '██████████░░░░░░░░░░  49 %'],
  [1, '████████████████████ 100 %'],
  [1.02, '████████████████████ 100 %'],
  [-0.1, '░░░░░░░░░░░░░░░░░░░░   0 %'],
])('a bar is filled by the share that is over: %d', (share, expected) => {
  expect(renderBar(share)).toBe(expected);
});
