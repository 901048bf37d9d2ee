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

// Signed, like all values below: V8 handles larger integers as floating-point numbers.
const PRIME_1 = 0x9e3779b1 | 0;
const PRIME_2 = 0x85ebca77 | 0;
const PRIME_3 = 0xc2b2ae3d | 0;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

/**
 * Returns a 32-bit hash of some bytes (xxHash32); the hash of other bytes can be the seed. It is the same in every
 * process. Native hashes cost more for a few kilobytes, or are missing in some versions of Node 20.
 */
export function hashBytes(body: Buffer, { start, end }: ByteRange, seed: number): number {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let hash = (seed + PRIME_5) | 0;
  let at = start;
  if (end - start >= 16) {
    // Four at a time, which do not wait for each other.
    let a = (seed + PRIME_1 + PRIME_2) | 0;
    let b = (seed + PRIME_2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME_1) | 0;
    for (; at + 16 <= end; at += 16) {
      a = mix(a, view.getInt32(at, true));
      b = mix(b, view.getInt32(at + 4, true));
      c = mix(c, view.getInt32(at + 8, true));
      d = mix(d, view.getInt32(at + 12, true));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  }
  hash = (hash + end - start) | 0;
  for (; at + 4 <= end; at += 4) {
    hash = (hash + Math.imul(view.getInt32(at, true), PRIME_3)) | 0;
    hash = Math.imul(rotate(hash, 17), PRIME_4);
  }
  for (; at < end; at++) {
    hash = (hash + Math.imul(body[at] as number, PRIME_5)) | 0;
    hash = Math.imul(rotate(hash, 11), PRIME_1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
