import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeaderNames } from './header-names.ts';

test.each([
  ['api-key', true],
  ['Api-Key', true],
  ['API-KEY', true],
  ['te', true],
  ['TE', true],
  ['api-kex', false],
  ['accepts', false],
  ['tE ', false],
  ['', false],
  ['!pi-key', false],
])('%j is one of api-key and te: %s', (name, expected) => {
  expect(new HeaderNames(['api-key', 'te']).has(name)).toBe(expected);
});

test('has what its list has, in any spelling', () => {
  const name = fc.stringMatching(/^[a-z!-9-]{1,4}$/);
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), fc.mixedCase(name), (names, asked) => {
      expect(new HeaderNames(names).has(asked)).toBe(names.includes(asked.toLowerCase()));
    }),
  );
});
