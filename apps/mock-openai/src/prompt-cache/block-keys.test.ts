import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockCharacters, blockKeys } from './block-keys.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '漢'), maxLength: 4 * blockCharacters });

function common(ours: readonly number[], theirs: readonly number[]): number {
  const parting = ours.findIndex((key, index) => key !== theirs[index]);
  return parting === -1 ? ours.length : parting;
}

test('two texts have a key in common for each whole block of their common beginning', () => {
  fc.assert(
    fc.property(text, text, text, (beginning, ours, theirs) => {
      const one = `${beginning}1${ours}`;
      const other = `${beginning}2${theirs}`;
      const keys = blockKeys('gpt-4o', one);
      expect(keys).toHaveLength(Math.ceil(one.length / blockCharacters));
      const shared = Math.floor(beginning.length / blockCharacters);
      expect(common(keys, blockKeys('gpt-4o', other))).toBe(shared);
      expect(blockKeys('gpt-4o', one)).toEqual(keys);
    }),
  );
});

test('one text has other keys for another owner', () => {
  const long = 'a'.repeat(2000);
  const keys = new Set(blockKeys('gpt-4o', long));
  expect(keys.size).toBe(8);
  expect(blockKeys('gpt-4.1', long).filter((key) => keys.has(key))).toEqual([]);
});

test('no two of 100,000 blocks are alike', () => {
  const keys = Array.from({ length: 100_000 }, (_, index) => blockKeys('gpt-4o', `tenant ${index}`)[0]);
  expect(new Set(keys).size).toBe(100_000);
});
