import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestContent } from '../route/request-content.ts';
import { hashBytes } from './affinity-key.ts';

function keyOf(body: object, operation = 'chat/completions'): number | undefined {
  return new RequestContent(operation, Buffer.from(JSON.stringify(body))).prompt?.affinityKey?.();
}

const long = 'You are the assistant of a large company. '.repeat(110);
const ask = (question: string, system = long) => ({
  model: 'gpt-4o',
  messages: [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ],
});
const tools = [{ type: 'function', function: { name: 'search', description: long } }];

test('prompts with the same beginning have the same key, of 32 bits', () => {
  const key = keyOf(ask('Who are you?'));
  expect(key).toBe(keyOf(ask('Where am I?')));
  expect(key).toBe(keyOf({ temperature: 0.5, max_tokens: 7, user: 'me', ...ask('Where am I?'), n: 1 }));
  expect(key).toBe((key ?? -1) >>> 0);
});

test.each<[string, object]>([
  ['another beginning', ask('Who are you?', `I${long}`)],
  ['another letter in its last place', ask('Who are you?', `${long.slice(0, 4000)}!${long.slice(4001)}`)],
  ['tools, which come first', { ...ask('Who are you?'), tools }],
  ['a named cache', { ...ask('Who are you?'), prompt_cache_key: 'a' }],
])('a prompt with %s has another key', (_, body) => {
  expect(keyOf(body)).toBeDefined();
  expect(keyOf(body)).not.toBe(keyOf(ask('Who are you?')));
});

test('the same tools are a beginning, wherever they stand', () => {
  const key = keyOf({ tools, ...ask('Who are you?', 'Be brief.') });
  expect(key).toBeDefined();
  expect(key).toBe(keyOf({ ...ask('Where am I?', 'Be friendly.'), tools }));
});

test('the same instructions of a response are a beginning, wherever they stand', () => {
  const key = keyOf({ instructions: long, input: 'Who are you?' }, 'responses');
  expect(key).toBeDefined();
  expect(key).toBe(keyOf({ input: 'Where am I?', instructions: long }, 'responses'));
});

const named = (system: string, name: unknown) => keyOf({ ...ask('Hi', system), prompt_cache_key: name });

test('what names a cache counts, and nothing else', () => {
  expect(named(long, 'a')).toBe(named(`I${long}`, 'a'));
  expect(named(long, 'a')).not.toBe(named(long, 'b'));
  for (const name of ['', null, 7, { a: 'b' }]) expect(named(long, name)).toBe(keyOf(ask('Hi')));
});

test.each<[boolean, string, object]>([
  [false, 'a short one', ask('Hi', '')],
  [false, 'one a little too short', ask('Hi', 'x'.repeat(3900))],
  [true, 'one just long enough', ask('Hi', 'x'.repeat(4100))],
  [true, 'a shorter one with a named cache', { ...ask('Hi', 'x'.repeat(2100)), prompt_cache_key: 'a' }],
  [false, 'one too short even for that', { ...ask('Hi', 'x'.repeat(1900)), prompt_cache_key: 'a' }],
  [false, 'a short one in a long body', { ...ask('Hi', ''), metadata: long, prompt_cache_key: 'a' }],
])('a prompt may be cached: %j for %s', (expected, _, body) => {
  expect(keyOf(body) !== undefined).toBe(expected);
});

test('embeddings are never cached', () => {
  expect(keyOf({ input: long }, 'embeddings')).toBeUndefined();
  expect(keyOf({ input: long }, 'responses')).toBeDefined();
});

const keyOfInput = (input: string) => keyOf({ input }, 'responses');

test('only the first 4,096 bytes count', () => {
  const at = fc.integer({ min: 0, max: 6000 });
  fc.assert(
    fc.property(at, (at) => {
      const changed = `${'x'.repeat(at)}y${'x'.repeat(6000 - at)}`;
      // The opening quote counts as the first byte.
      expect(keyOfInput(changed) === keyOfInput('x'.repeat(6001))).toBe(at >= 4095);
    }),
  );
});

test.each([
  [0x02cc5d05, '', 0],
  [0x0b2cb792, '', 1],
  [0x550d7456, 'a', 0],
  [0x32d153ff, 'abc', 0],
  [0xcfb1a2e3, 'Hello, world!', 0x9747b28c],
  [0xc2c45b69, '0123456789abcdef', 0],
  [0xc8579d72, 'The quick brown fox jumps over the lazy dog', 0x9747b28c],
  [0xc59eb791, 'x'.repeat(4099), 7],
])('the hash is %d for %j with the seed %d, as xxHash32 has it', (expected, text, seed) => {
  const body = Buffer.from(`before${text}after`);
  expect(hashBytes(body, { start: 6, end: 6 + text.length }, seed)).toBe(expected);
});
