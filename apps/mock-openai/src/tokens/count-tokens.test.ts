import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedCharacters, countTokens } from './count-tokens.ts';
import { countExactly, splitTokens } from './tokenizer.ts';

test.each([
  ['o200k_base', 2],
  ['cl100k_base', 3],
] as const)('the token counter counts with the tables of %s', (encoding, tokens) => {
  expect(countTokens('Привет', encoding)).toBe(tokens);
});

test('the token counter counts what looks like a special token as the text that it is', () => {
  expect(countTokens('<|endoftext|>', 'o200k_base')).toBe(7);
});

test('the token counter counts what the tokenizer counts, when a text comes first and when it comes again', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 400 });
  fc.assert(
    fc.property(texts, (text) => {
      const exactly = countExactly(text, 'o200k_base');
      expect(countTokens(text, 'o200k_base')).toBe(exactly);
      expect(countTokens(text, 'o200k_base')).toBe(exactly);
    }),
    { numRuns: 50 },
  );
});

test('the token counter counts a long text of words exactly', () => {
  const text = Array.from({ length: 5000 }, (_, index) => `word${index}`).join(' ');
  expect(countTokens(text, 'o200k_base')).toBe(countExactly(text, 'o200k_base'));
});

test('the token counter takes the rest of a very long text to be like its beginning', () => {
  const text = 'The quick brown fox. '.repeat(countedCharacters / 8);
  const exactly = (text.length / 'The quick brown fox. '.length) * 5;
  expect(countTokens(text, 'o200k_base') / exactly).toBeCloseTo(1, 2);
});

test('the token counter comes close on a run without a break, which it counts in parts', () => {
  const text = 'abcdefghij'.repeat(500);
  const exactly = countExactly(text, 'o200k_base');
  expect(Math.abs(countTokens(text, 'o200k_base') - exactly)).toBeLessThanOrEqual(2 * (text.length / 256));
});

test('the token counter splits a text into the tokens that it is made of', () => {
  expect(splitTokens('Hello from eastus.', 'o200k_base')).toEqual(['Hello', ' from', ' east', 'us', '.']);
});
