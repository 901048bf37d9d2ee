import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { idleMs, PromptCache, shortestTokens, stepTokens } from './prompt-cache.ts';
import type { Prompt } from './prompt.ts';

/** A prompt with one token for each four characters. */
function prompt(text: string): Prompt {
  const tokens = Math.floor(text.length / 4);
  return { tokens, render: () => [{ text, tokens }] };
}

/** A cache and its clock, which only the test moves. */
function start() {
  const clock = { nowMs: 1000 };
  return { clock, cache: new PromptCache(true, () => clock.nowMs) };
}

const long = prompt('0123456789abcdef'.repeat(500));

test('the second prompt of its kind is cached but for what is over at its end', () => {
  const { cache } = start();
  expect([cache.use('gpt-4o', long), cache.use('gpt-4o', long)]).toEqual([0, 1920]);
  expect(cache.counts).toEqual({
    'gpt-4o': { requests: 2, hits: 1, promptTokens: 4000, cachedTokens: 1920 },
  });
});

test.each([
  [1023, 0],
  [1024, 1024],
  [1151, 1024],
  [1152, 1152],
])('of %i tokens that come again %i are cached', (tokens, cached) => {
  const { cache } = start();
  cache.use('gpt-4o', prompt('x'.repeat(4 * tokens)));
  expect(cache.use('gpt-4o', prompt('x'.repeat(4 * tokens)))).toBe(cached);
});

test('whatever is sent, a multiple of 128 and at least 1,024 is cached, or nothing, and never more than both prompts begin with', () => {
  const length = fc.integer({ min: 0, max: 3000 });
  fc.assert(
    fc.property(length, length, length, (shared, ours, theirs) => {
      const { cache } = start();
      const beginning = 'same'.repeat(shared);
      const one = prompt(`${beginning}${'ours'.repeat(ours)}`);
      cache.use('gpt-4o', one);
      const other = prompt(`${beginning}${'them'.repeat(theirs)}`);
      const cached = cache.use('gpt-4o', other);
      expect(cached % stepTokens).toBe(0);
      expect(cached === 0 || cached >= shortestTokens).toBe(true);
      expect(cached).toBeLessThanOrEqual(theirs === 0 && ours === 0 ? other.tokens : shared);
      // A block of 64 tokens and a step of 128 may be lost at the end of the shared part.
      const least = shared - 64 - stepTokens;
      expect(cached).toBeGreaterThan(least < shortestTokens ? -1 : least);
    }),
    { seed: 3, numRuns: 60 },
  );
});

test('a conversation that grows is cached up to its last turn', () => {
  const { cache } = start();
  let text = 'You are a helpful assistant. '.repeat(200);
  cache.use('gpt-4o', prompt(text));
  for (let turn = 0; turn < 10; turn += 1) {
    const before = prompt(text).tokens;
    text += `Turn ${turn}: ${'and so on '.repeat(40)}`;
    const cached = cache.use('gpt-4o', prompt(text));
    expect(cached).toBeLessThanOrEqual(before);
    expect(cached).toBeGreaterThan(before - 64 - stepTokens);
  }
});

test('a prompt is kept for five minutes from when it was last sent', () => {
  const { cache, clock } = start();
  const sendAfter = (ms: number) => {
    clock.nowMs += ms;
    return cache.use('gpt-4o', long);
  };
  expect([sendAfter(0), sendAfter(idleMs - 1), sendAfter(idleMs - 1), sendAfter(idleMs)]).toEqual([
    0, 1920, 1920, 0,
  ]);
});

test('deployments do not share, and those before gpt-4o cache nothing', () => {
  const { cache } = start();
  for (const deployment of ['gpt-4o', 'gpt-4.1', 'my own name', 'gpt-4', 'gpt-35-turbo']) {
    const kept = deployment.startsWith('gpt-35') || deployment === 'gpt-4' ? 0 : 1920;
    expect([cache.use(deployment, long), cache.use(deployment, long)]).toEqual([0, kept]);
  }
});

test('to peek neither caches nor counts', () => {
  const { cache } = start();
  expect([cache.peek('gpt-4o', long), cache.peek('gpt-4o', long)]).toEqual([0, 0]);
  expect(cache.counts).toEqual({});
  cache.use('gpt-4o', long);
  expect(cache.peek('gpt-4o', long)).toBe(1920);
  expect(cache.counts).toMatchObject({ 'gpt-4o': { requests: 1 } });
});

test('what two prompts share is counted by the parts that they share, whatever else they have', () => {
  const { cache } = start();
  const rules = { text: 'Answer politely. '.repeat(512), tokens: 2048 };
  const asking = (text: string, tokens: number): Prompt => ({
    tokens: 2048 + tokens,
    render: () => [rules, { text, tokens }],
  });
  cache.use('gpt-4o', asking('x'.repeat(9000), 100));
  expect(cache.use('gpt-4o', asking('y'.repeat(9000), 9000))).toBe(2048);
  expect(cache.use('gpt-4o', asking('z', 1))).toBe(2048);
});

test('what belongs to a prompt but to none of its parts is cached when the prompt comes again as a whole', () => {
  const { cache } = start();
  const part = { text: 'x'.repeat(4000), tokens: shortestTokens - 3 };
  const whole = { tokens: shortestTokens, render: () => [part] };
  expect([cache.use('gpt-4o', whole), cache.use('gpt-4o', whole)]).toEqual([0, shortestTokens]);
});

function refuseToRender(): never {
  throw new Error('is written out');
}

test('a short prompt is not even written out', () => {
  const { cache } = start();
  const render = refuseToRender;
  expect(cache.use('gpt-4o', { tokens: shortestTokens - 1, render })).toBe(0);
  expect(() => cache.use('gpt-4o', { tokens: shortestTokens, render })).toThrow('is written out');
});

test('one that is off caches nothing, and counts all the same', () => {
  const cache = new PromptCache(false, () => 0);
  expect([cache.use('gpt-4o', long), cache.use('gpt-4o', long), cache.peek('gpt-4o', long)]).toEqual([
    0, 0, 0,
  ]);
  expect(cache.counts).toMatchObject({ 'gpt-4o': { requests: 2, promptTokens: 4000, cachedTokens: 0 } });
});

test('it is bounded: what nobody sends makes room, what is sent stays', () => {
  const { cache } = start();
  const megabytes = (name: string) => prompt(`${name}${name.repeat(2_000_000 / name.length)}`);
  cache.use('gpt-4o', long);
  cache.use('gpt-4o', prompt('left alone '.repeat(1000)));
  for (let count = 0; count < 40; count += 1) {
    cache.use('gpt-4o', megabytes(`${count}!`));
    expect(cache.use('gpt-4o', long)).toBe(1920);
  }
  expect(cache.peek('gpt-4o', prompt('left alone '.repeat(1000)))).toBe(0);
});
