import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countExactly } from '../tokens/tokenizer.ts';
import { makeReply } from './reply.ts';

const encodings = ['o200k_base', 'cl100k_base'] as const;

test.each(encodings)(
  'replies in as many tokens of %s as it was asked for, whatever the mock is called',
  (encoding) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 60 }), (name, tokens) => {
        const { pieces, text } = makeReply(name, tokens, encoding);
        expect(pieces).toHaveLength(tokens);
        expect(pieces.join('')).toBe(text);
        expect(countExactly(text, encoding)).toBe(tokens);
      }),
      { numRuns: 200 },
    );
  },
);

test('a reply says which mock it comes from, token by token', () => {
  expect(makeReply('eastus', 6, 'o200k_base').pieces).toEqual(['Hello', ' from', ' east', 'us', '.', ' The']);
});

test('replies at length without losing count', () => {
  expect(countExactly(makeReply('eastus', 5000, 'o200k_base').text, 'o200k_base')).toBe(5000);
});
