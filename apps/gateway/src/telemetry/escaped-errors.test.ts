import { expect, test } from 'vitest';
import { EscapedErrors } from './escaped-errors.ts';

test('ten within a minute have piled up, and all are counted', () => {
  const errors = new EscapedErrors();
  const seen = Array.from({ length: 12 }, (_, index) => errors.note(index * 6000));
  expect(seen).toEqual([...Array<boolean>(9).fill(false), true, true, true].map((_, index) => index >= 9));
  expect(errors.count).toBe(12);
});

test('one every seven seconds never piles up', () => {
  const errors = new EscapedErrors();
  const seen = Array.from({ length: 100 }, (_, index) => errors.note(index * 7000));
  expect(seen).not.toContain(true);
});
