import { expect, test } from 'vitest';
import { shorten } from './shorten.ts';

test.each([
  ['a'.repeat(64), 'a'.repeat(64)],
  ['a'.repeat(65), `${'a'.repeat(63)}…`],
  [`${'a'.repeat(62)}😀😀`, `${'a'.repeat(62)}…`],
  [`${'a'.repeat(61)}😀😀`, `${'a'.repeat(61)}😀…`],
])('the name %j is shown as %j, without half a character', (name, shown) => {
  expect(shorten(name)).toBe(shown);
  expect(shown.isWellFormed()).toBe(true);
});
