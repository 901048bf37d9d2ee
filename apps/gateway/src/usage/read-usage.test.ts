import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOwnUsage, readUsage } from './read-usage.ts';

const chat =
  '"usage":{"prompt_tokens":100,"completion_tokens":25,"total_tokens":125,"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":16}}';
const input = '"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12';
const found = { promptTokens: 100, outputTokens: 25, cachedTokens: 64, reasoningTokens: 16 };

test.each([
  ['a chat completion', `{"choices":[],${chat}}`, found],
  [
    'one with white space',
    `{ "choices": [], ${chat.replace(':', '\n:\n ').replaceAll(',', ', ')} }\n`,
    found,
  ],
  [
    'embeddings',
    '{"usage":{"prompt_tokens":8,"total_tokens":8}}',
    { promptTokens: 8, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 },
  ],
  [
    'a response',
    `{"output":[],${input},"input_tokens_details":{"cached_tokens":4}},"user":null,"metadata":{}}`,
    { promptTokens: 7, outputTokens: 5, cachedTokens: 4, reasoningTokens: 0 },
  ],
  [
    'a response of a model that reasons',
    `{${input},"output_tokens_details":{"reasoning_tokens":3}}}`,
    { promptTokens: 7, outputTokens: 5, cachedTokens: 0, reasoningTokens: 3 },
  ],
  [
    'details that are null',
    `{${input},"input_tokens_details":null}}`,
    { promptTokens: 7, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 },
  ],
  [
    'a stream',
    `data: {"choices":[{}],"usage":null}\n\ndata: {"choices":[],${chat}}\n\ndata: [DONE]\n\n`,
    found,
  ],
  [
    'a stream with notes after it',
    `data: {${chat}}\n\ndata: {"choices":[{"content_filter_offsets":{}}],"usage":null}\n\ndata: [DONE]\n\n`,
    found,
  ],
  [
    'a stream of a response',
    `event: response.created\ndata: {"response":{"usage":null}}\n\nevent: response.completed\ndata: {"response":{${input}},"user":null}}\n\n`,
    { promptTokens: 7, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 },
  ],
  ['an answer of which only the end is left', `is all."}}],${chat}}`, found],
  [
    'a response that repeats the schema of a tool',
    `{${input}},"tools":[{"parameters":{"properties":{"usage":{"type":"object"}}}}],"metadata":{"usage":"usage"}}`,
    { promptTokens: 7, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 },
  ],
  ['an answer that begins with it', `${chat}}`, found],
  [
    'one with texts and lists among its numbers',
    `{${input},"tier":"a}\\"{","by_tool":[{"input_tokens":1}],"cached_tokens":{}}}`,
    { promptTokens: 7, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 },
  ],
  [
    'one whose numbers are written otherwise',
    '{"usage":{"prompt_tokens":1e2,"completion_tokens":25.0}}',
    { promptTokens: 100, outputTokens: 25, cachedTokens: 0, reasoningTokens: 0 },
  ],
])('the usage is found in %s', (_, end, expected) => {
  expect(readUsage(Buffer.from(end))).toEqual(expected);
});

test.each([
  ['nothing', ''],
  ['a stream that was not asked for it', 'data: {"choices":[{}],"usage":null}\n\ndata: [DONE]\n\n'],
  ['an error', '{"error":{"code":"429","message":"Too many."}}'],
  ['a text that looks like it', JSON.stringify({ content: `{${chat}}` })],
  ['the key alone', '"usage"'],
  ['what is cut off', chat.slice(0, -10)],
  ['what is no object', '{"usage":"usage","a":{"prompt_tokens":1}}'],
  ['an object without numbers', '{"usage":{"prompt_tokens":"100"}}'],
  ['less than nothing', '{"usage":{"prompt_tokens":-10,"completion_tokens":5}}'],
  ['an output of less than nothing', '{"usage":{"prompt_tokens":10,"completion_tokens":-5}}'],
  ['more than an answer can take', '{"usage":{"prompt_tokens":1e15,"completion_tokens":5}}'],
  ['more than a number can be', '{"usage":{"prompt_tokens":1e999,"completion_tokens":5}}'],
  ['an empty object', '{"usage":{}}'],
])('the usage is not found in %s', (_, end) => {
  expect(readUsage(Buffer.from(end))).toBeUndefined();
});

test('the usage is that of the answer, whatever its text says', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constant(`{${chat}}`), fc.json()),
      fc.nat(1_000_000),
      (content, tokens) => {
        const answer = JSON.stringify({
          a: content,
          usage: { prompt_tokens: tokens },
          b: content,
          [content]: [content],
        });
        expect(readUsage(Buffer.from(answer))?.promptTokens).toBe(tokens);
      },
    ),
  );
});

test.each([
  ['at its end', `{"choices":[],${chat}}`],
  ['before other members', `{"choices":[],${chat},"a":{"b":[{}]},"c":"}"} \n`],
  [
    'where its text speaks of another',
    JSON.stringify({ ...JSON.parse(`{${chat}}`), a: '"usage":{"prompt_tokens":1}' }),
  ],
])('an answer that is whole tells its own usage %s', (_, json) => {
  expect(readOwnUsage(Buffer.from(json))).toEqual(found);
});

test.each([
  ['of something in it', `{"a":{${chat}}}`],
  ['of something in a list', `{"a":[{${chat}}]}`],
  ['of something in it after its own', `{${chat},"a":{"usage":{"prompt_tokens":0}}}`],
  ['of one of several answers', `[{${chat}}]`],
  ['that is cut off', `{"choices":[],"usage":{"prompt_tokens":1`],
  ['before what is cut off', `{"choices":[],${chat},"a":1`],
  ['before what is broken', `{"choices":[],${chat},"a":1}}`],
  ['without numbers', '{"usage":{"prompt_tokens":"1"}}'],
  ['that is null', '{"choices":[],"usage":null}'],
  ['that is none', '{"choices":[]}'],
])('a usage %s is not taken for the answer’s own', (_, json) => {
  expect(readOwnUsage(Buffer.from(json))).toBeUndefined();
});

test('an answer that has another usage in it is never told to have taken that', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.json()), fc.nat(9), fc.boolean(), (others, place, isList) => {
      const inner = { usage: { prompt_tokens: 1 } };
      const members = Object.entries(others).map(([key, value]) => [`x${key}`, JSON.parse(value) as unknown]);
      members.splice(place, 0, ['a', isList ? [inner] : inner]);
      const own = { prompt_tokens: 2 };
      const json = JSON.stringify({ ...Object.fromEntries(members), usage: own });
      expect(readOwnUsage(Buffer.from(json))?.promptTokens).toBe(2);
      const without = JSON.stringify(Object.fromEntries(members));
      expect(readOwnUsage(Buffer.from(without))).toBeUndefined();
    }),
  );
});
