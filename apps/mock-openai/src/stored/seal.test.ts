import { expect, test } from 'vitest';
import { Seal } from './seal.ts';

test('what a seal closed it opens, whatever the text', () => {
  const seal = new Seal();
  for (const text of ['', 'Hello', 'Grüße 🌍'.repeat(100)]) expect(seal.open(seal.close(text))).toBe(text);
});

test('a sealed text looks like the service’s, and is another each time', () => {
  const seal = new Seal();
  expect(seal.close('Hello')).toMatch(/^gAAAA[\w-]+={0,2}$/);
  expect(seal.close('Hello')).not.toBe(seal.close('Hello'));
});

test.each([
  ['another seal’s', new Seal().close('Hello')],
  ['no seal’s at all', 'Hello'],
  ['an empty text', ''],
])('what is %s is not opened', (_, sealed) => {
  expect(new Seal().open(sealed)).toBeUndefined();
});

test('what was changed on its way is not opened', () => {
  const seal = new Seal();
  const sealed = seal.close('Hello');
  expect(seal.open(`${sealed.slice(0, 40)}AAAA${sealed.slice(44)}`)).toBeUndefined();
});
