import type { ByteRange } from './byte-range.ts';

/**
 * Answers a hash of 32 bits of some bytes (MurmurHash3), to which the hash of other bytes can be the seed. It is the same
 * in every process. Native hashes cost more for a few kilobytes, or are not in every version of Node 20.
 */
export function hashBytes(body: Buffer, { start, end }: ByteRange, seed: number): number {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  // Signed, as all that follows: V8 reckons with what is larger as with fractions.
  let hash = seed | 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash ^= scramble(view.getInt32(at, true));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let last = end - 1; last >= at; last--) rest = (rest << 8) | (body[last] ?? 0);
  hash ^= scramble(rest) ^ (end - start);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
