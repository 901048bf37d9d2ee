import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayHideObjects, showsObjects } from './reference-words.ts';

const pieces = [
  '0',
  '00',
  '\\',
  '\\u',
  '\\u00',
  'u',
  '_',
  '_id',
  '_id"',
  '"file',
  '"file_id"',
  'skill',
  'skill_id',
];
const texts = fc
  .array(fc.constantFrom(...pieces, 'udio"', '"a', '"audio"'), { maxLength: 40 })
  .map((parts) => parts.join(''));

test('a word is found wherever it stands, however often its rare letters stand elsewhere', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const body = Buffer.from(text);
      const isShown = ['"file_id"', '"audio"'].some((word) => text.includes(word));
      expect(showsObjects('chat/completions', body)).toBe(isShown);
      const isHidden = ['\\u00', 'file_id', 'skill_id'].some((word) => text.includes(word));
      expect(mayHideObjects(body)).toBe(isHidden);
    }),
    { numRuns: 2000 },
  );
});

test('a word is found after many places that only look like it', () => {
  const places = '00_id"udio" '.repeat(1000);
  for (const word of ['"file_id"', '"audio"']) {
    expect(showsObjects('chat/completions', Buffer.from(places + word))).toBe(true);
    expect(showsObjects('chat/completions', Buffer.from(places + word.slice(1)))).toBe(false);
  }
  expect(mayHideObjects(Buffer.from(`${places}\\u00`))).toBe(true);
  expect(mayHideObjects(Buffer.from(`${places}\\u0`))).toBe(false);
});
