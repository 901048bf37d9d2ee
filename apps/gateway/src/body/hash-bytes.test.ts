import { expect, test } from 'vitest';
import { hashBytes } from './hash-bytes.ts';

test.each([
  [0x00000000, '', 0],
  [0x514e28b7, '', 1],
  [0x5a97808a, 'aaaa', 0x9747b28c],
  [0x283e0130, 'aaa', 0x9747b28c],
  [0x5d211726, 'aa', 0x9747b28c],
  [0x7fa09ea6, 'a', 0x9747b28c],
  [0x24884cba, 'Hello, world!', 0x9747b28c],
  [0x2fa826cd, 'The quick brown fox jumps over the lazy dog', 0x9747b28c],
])('is %d for %j with the seed %d, as MurmurHash3 has it', (expected, text, seed) => {
  const body = Buffer.from(`before${text}after`);
  expect(hashBytes(body, { start: 6, end: 6 + text.length }, seed)).toBe(expected);
});
