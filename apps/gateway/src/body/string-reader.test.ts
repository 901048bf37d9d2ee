import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { StringReader } from './string-reader.ts';

/** Returns a reader's result for a string within a body, which is placed after other bytes in its buffer's pool. */
function read(written: string, before = '{"a":', after = '"}') {
  const pool = Buffer.from(`other bytes${before}"${written}${after}`);
  const body = pool.subarray('other bytes'.length);
  const from = Buffer.byteLength(before) + 1;
  const reader = new StringReader(body);
  const end = reader.pass(from);
  return { bytes: end - from, characters: reader.characters };
}

const bits = fc.constantFrom('a', 'word ', '"', '\\', '\n', 'é', '模', '🙂', '\u0001', '\ud83d');

test('the string reader finds the end and the characters of any string, wherever what is special stands in it', () => {
  const long = fc.nat(4200).map((length) => '-'.repeat(length));
  const nearLimit = fc.integer({ min: 4080, max: 4100 }).map((length) => '-'.repeat(length));
  const some = fc.array(bits, { maxLength: 20 }).map((all) => all.join(''));
  const spelt = fc.tuple(fc.oneof(fc.constant(''), long, nearLimit), some, fc.oneof(long, some));
  fc.assert(
    fc.property(spelt, fc.nat(7), (parts, shift) => {
      const text = parts.join('');
      const written = JSON.stringify(text).slice(1, -1);
      const before = `{${' '.repeat(shift)}"a":`;
      expect(read(written, before)).toEqual({
        bytes: Buffer.byteLength(written),
        characters: text.length,
      });
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['whose last escape is cut off', 'abc\\', 4],
  ['that ends within a letter', 'abc', 3],
  ['that is empty', '', 0],
])('a string without a closing quote goes to the end of the body: one %s', (_, written, bytes) => {
  expect(read(written, '{"a":', '').bytes).toBe(bytes);
});

test.each(['\\u', '\\u00', '\\'.repeat(4) + '\\u'])(
  '%j before the closing quote does not hide it',
  (written) => {
    const { bytes, characters } = read(written);
    expect(bytes).toBe(written.length);
    expect(characters).toBeGreaterThanOrEqual(0);
  },
);
