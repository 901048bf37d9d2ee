import { encodingOf } from '../tokens/encoding-of.ts';
import { blockCharacters, blockKeys } from './block-keys.ts';
import type { Prompt, PromptPart } from './prompt.ts';

/** A deployment's prompts, and how much of them was cached. */
export interface CacheCounts {
  readonly requests: number;
  /** Requests with at least their beginning in the cache. */
  readonly hits: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** The shortest beginning that is cached. */
export const shortestTokens = 1024;
/** The step in which a longer beginning grows. */
export const stepTokens = 128;
/** How long an unused beginning is kept. */
export const idleMs = 5 * 60_000;

// At least 32 MB of prompts, at most twice as much.
const keptBlocks = 128 * 1024;

/** Remembers the beginnings of prompts, separately for each deployment. */
export class PromptCache {
  readonly #isOn: boolean;
  readonly #now: () => number;
  // When each block was last sent. The old half is dropped as a whole, because dropping blocks one by one takes longer
  // than hashing them.
  #young = new Map<number, number>();
  #old = new Map<number, number>();
  #counts = new Map<string, { -readonly [K in keyof CacheCounts]: CacheCounts[K] }>();

  /** `now` returns the time in ms by which blocks age. */
  constructor(isOn: boolean, now: () => number) {
    this.#isOn = isOn;
    this.#now = now;
  }

  /** Returns how many tokens of a prompt are cached, counts them, and caches the whole prompt. */
  use(deployment: string, prompt: Prompt): number {
    let tokens = 0;
    if (this.#caches(deployment, prompt)) {
      const parts = prompt.render();
      const keys = blockKeys(deployment, textOf(parts));
      tokens = this.#cachedTokens(prompt, parts, keys);
      this.#keep(keys);
    }
    this.#count(deployment, prompt.tokens, tokens);
    return tokens;
  }

  /** Returns how many tokens of a prompt are cached, without counting or caching it. */
  peek(deployment: string, prompt: Prompt): number {
    if (!this.#caches(deployment, prompt)) return 0;
    const parts = prompt.render();
    return this.#cachedTokens(prompt, parts, blockKeys(deployment, textOf(parts)));
  }

  /** The counts since the start, by deployment. */
  get counts(): Readonly<Record<string, CacheCounts>> {
    return Object.fromEntries([...this.#counts].map(([name, counts]) => [name, { ...counts }]));
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#counts = new Map();
  }

  #caches(deployment: string, { tokens }: Prompt): boolean {
    // The models with the older encoding are those before gpt-4o, which cache nothing.
    return this.#isOn && tokens >= shortestTokens && encodingOf(deployment, 'o200k_base') !== 'cl100k_base';
  }

  #cachedTokens(prompt: Prompt, parts: readonly PromptPart[], keys: readonly number[]): number {
    const freshMs = this.#now() - idleMs;
    let blocks = 0;
    for (const key of keys) {
      const sentAtMs = this.#young.get(key) ?? this.#old.get(key);
      if (sentAtMs === undefined || sentAtMs <= freshMs) break;
      blocks += 1;
    }
    const tokens = blocks === keys.length ? prompt.tokens : tokensWithin(parts, blocks * blockCharacters);
    const whole = Math.floor(tokens / stepTokens) * stepTokens;
    return whole < shortestTokens ? 0 : whole;
  }

  #keep(keys: readonly number[]): void {
    const nowMs = this.#now();
    for (const key of keys) this.#young.set(key, nowMs);
    if (this.#young.size < keptBlocks) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  #count(deployment: string, promptTokens: number, cachedTokens: number): void {
    let counts = this.#counts.get(deployment);
    if (counts === undefined) {
      counts = { requests: 0, hits: 0, promptTokens: 0, cachedTokens: 0 };
      this.#counts.set(deployment, counts);
    }
    counts.requests += 1;
    if (cachedTokens > 0) counts.hits += 1;
    counts.promptTokens += promptTokens;
    counts.cachedTokens += cachedTokens;
  }
}

function textOf(parts: readonly PromptPart[]): string {
  return parts.map(({ text }) => text).join('');
}

/**
 * Counts the tokens of this many characters; a cut part counts in proportion to its characters, as tokenizing it takes
 * too long.
 */
function tokensWithin(parts: readonly PromptPart[], characters: number): number {
  let left = characters;
  let within = 0;
  for (const { text, tokens } of parts) {
    if (left < text.length) return within + (tokens * left) / text.length;
    within += tokens;
    left -= text.length;
  }
  return within;
}
