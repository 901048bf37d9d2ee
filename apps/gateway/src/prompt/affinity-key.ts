import type { ByteRange } from '../body/byte-range.ts';
import { hashBytes } from '../body/hash-bytes.ts';
import type { PromptScan } from './prompt-scan.ts';

/** Azure caches the beginnings of prompts from 1,024 tokens, which have about so many bytes. */
const PREFIX_BYTES = 4096;

/** Whoever names a cache may know that his tokens are shorter; in less than so many bytes there are no 1,024. */
const MIN_NAMED_BYTES = 2048;

/**
 * Answers a number of 32 bits that requests have in common whose prompts a backend may have cached together: made of the
 * `prompt_cache_key` that they carry, else of the prompts' first bytes as a model is shown them, with tools and
 * instructions before the messages. Answers `undefined` where the prompt is too short to be cached.
 */
export function affinityKey({ body, tools, instructions, prompt, cacheKey }: PromptScan): number | undefined {
  if (body.length < MIN_NAMED_BYTES) return undefined;
  const bytes = lengthOf(tools) + lengthOf(instructions) + lengthOf(prompt);
  if (bytes >= MIN_NAMED_BYTES && lengthOf(cacheKey) > 0) return hashBytes(body, cacheKey, 0);
  if (bytes < PREFIX_BYTES) return undefined;
  let key = 0;
  let left = PREFIX_BYTES;
  for (const { start, end } of [tools, instructions, prompt]) {
    const length = Math.min(end - start, left);
    key = hashBytes(body, { start, end: start + length }, key);
    left -= length;
  }
  return key;
}

function lengthOf({ start, end }: ByteRange): number {
  return end - start;
}
