import type { ByteRange } from '../body/byte-range.ts';

/** Azure caches the beginnings of prompts from 1,024 tokens, which take about this many bytes. */
const PREFIX_BYTES = 4096;

/** A client that names a cache may know that its tokens are short; fewer bytes than these cannot hold 1,024 tokens. */
const MIN_NAMED_BYTES = 2048;

/**
 * Returns a 32-bit number that requests share if a backend may have cached their prompts together. It comes from their
 * `prompt_cache_key`, or else from the first bytes of their prompts. Returns `undefined` where the prompt is too short
 * to be cached.
 *
 * @param parts the ranges of the prompt in the body, in the order in which a model reads them: tools and instructions
 * come before the messages
 */
export function affinityKey(
  body: Buffer,
  parts: readonly ByteRange[],
  cacheKey: ByteRange,
): number | undefined {
  if (body.length < MIN_NAMED_BYTES) return undefined;
  let bytes = 0;
  for (const part of parts) bytes += lengthOf(part);
  if (bytes >= MIN_NAMED_BYTES && lengthOf(cacheKey) > 0) return hashBytes(body, cacheKey, 0);
  if (bytes < PREFIX_BYTES) return undefined;
  let key = 0;
  let left = PREFIX_BYTES;
  for (const { start, end } of parts) {
    const length = Math.min(end - start, left);
    key = hashBytes(body, { start, end: start + length }, key);
    left -= length;
  }
  return key;
}

function lengthOf({ start, end }: ByteRange): number {
  return end - start;
}

/**
 * Returns a 32-bit hash of some bytes (MurmurHash3); the hash of other bytes can be the seed. It is the same in every
 * process. Native hashes cost more for a few kilobytes, or are missing in some versions of Node 20.
 */
export function hashBytes(body: Buffer, { start, end }: ByteRange, seed: number): number {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  // Signed, like all values below: V8 handles larger integers as floating-point numbers.
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
