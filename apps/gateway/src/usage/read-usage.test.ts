import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOwnUsage, readUsage } from './read-usage.ts';

const chat =
  '"usage":{"prompt_tokens":100,"completion_tokens":25,"total_tokens":125,"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":16}}';
const input = '"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12';
const found = { promptTokens: 100, outputTokens: 25, cachedTokens: 64, reasoningTokens: 16 };

/** Reads an answer, or events, according to the first word. */
const read = (end: string) =>
  readUsage(Buffer.from(end), /^(?:data|event):/.test(end) ? 'events' : 'json', true);

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
  ['an answer that has another after its own', `{${chat},"a":{${input}}}}`, found],
  ['an answer with others in its choices', `{${chat},"choices":[{${input}}},{${input}}}]}`, found],
  ['an answer that says it twice', `{"usage":{"prompt_tokens":1},${chat}}`, found],
  [
    'a stream with lines that end in CR LF',
    `data: {"choices":[],${chat}}\r\n\r\ndata: [DONE]\r\n\r\n`,
    found,
  ],
  ['a stream that ends with it', `data: {"choices":[],${chat}}`, found],
  [
    'an event that has more after it',
    `data: {"response":{${chat},"user":null},"sequence_number":7}\n\n`,
    found,
  ],
  [
    'an event before one that repeats a schema',
    `data: {"message":{${chat}}}\n\ndata: {"response":{"tools":[{"parameters":{${input}}}}],"usage":null}}\n\n`,
    found,
  ],
  [
    'one whose total has what was thought, which its parts have not',
    '{"usage":{"prompt_tokens":10,"completion_tokens":15,"total_tokens":5025,"completion_tokens_details":{"reasoning_tokens":5000}}}',
    { promptTokens: 10, outputTokens: 5015, cachedTokens: 0, reasoningTokens: 5000 },
  ],
  [
    'one whose total is no number that an answer can take',
    '{"usage":{"prompt_tokens":10,"completion_tokens":15,"total_tokens":1e15}}',
    { promptTokens: 10, outputTokens: 15, cachedTokens: 0, reasoningTokens: 0 },
  ],
  [
    'a message that was made compact, and asked for advice',
    `{${input},"iterations":[null,{"type":"compaction","input_tokens":100,"output_tokens":20},{"type":"advisor_message","input_tokens":30,"output_tokens":4,"cache_read_input_tokens":1},{"type":"message","input_tokens":7,"output_tokens":5},{"type":"fallback_message","input_tokens":9,"output_tokens":9}]}}`,
    { promptTokens: 138, outputTokens: 29, cachedTokens: 1, reasoningTokens: 0 },
  ],
  [
    'a response for which a tool has drawn',
    `{"tool_usage":{"image_gen":{"input_tokens":1,"output_tokens":1056}},${input}},"tools":[{"tool_usage":{"image_gen":{"input_tokens":9}}}]}`,
    { promptTokens: 8, outputTokens: 1061, cachedTokens: 0, reasoningTokens: 0 },
  ],
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
  expect(read(end)).toEqual(expected);
});

test.each([
  ['nothing', ''],
  ['a stream that was not asked for it', 'data: {"choices":[{}],"usage":null}\n\ndata: [DONE]\n\n'],
  ['an error', '{"error":{"code":"429","message":"Too many."}}'],
  ['a text that looks like it', JSON.stringify({ content: `{${chat}}` })],
  ['the key alone', '"usage"'],
  ['what is cut off', chat.slice(0, -10)],
  ['what is no object', '{"usage":"usage","a":{"prompt_tokens":1}}'],
  ['an answer that has one only in something', `{"choices":[],"a":{${chat}}}`],
  ['a list', `[{${chat}}]`],
  [
    'an answer that is null, and repeats a schema before',
    `{"tools":[{"parameters":{${chat}}}],"usage":null}`,
  ],
  [
    'an answer that is null, and repeats a schema after',
    `{"usage":null,"text":{"format":{"schema":{${chat}}}}}`,
  ],
  [
    'an event whose response repeats a schema',
    `data: {"response":{"text":{"format":{"schema":{${chat}}}},"usage":null}}\n\n`,
  ],
  ['an event whose response repeats metadata', `data: {"response":{"usage":null,"metadata":{${chat}}}}\n\n`],
  [
    'an event whose response repeats a tool',
    `data: {"response":{"tools":[{${chat}}],"usage":null}}\n\ndata: {"delta":"Hi"}\n\n`,
  ],
  ['an event in whose choices it is', `data: {"choices":[{${chat}}]}\r\n\r\n`],
  ['an object without numbers', '{"usage":{"prompt_tokens":"100"}}'],
  ['less than nothing', '{"usage":{"prompt_tokens":-10,"completion_tokens":5}}'],
  ['an output of less than nothing', '{"usage":{"prompt_tokens":10,"completion_tokens":-5}}'],
  ['more than an answer can take', '{"usage":{"prompt_tokens":1e15,"completion_tokens":5}}'],
  ['more than a number can be', '{"usage":{"prompt_tokens":1e999,"completion_tokens":5}}'],
  ['an empty object', '{"usage":{}}'],
])('the usage is not found in %s', (_, end) => {
  expect(read(end)).toBeUndefined();
});

test.each([
  ['an answer', 'json', `{"choices":[],${chat}}`],
  ['an answer, behind something that is closed', 'json', `{"tools":[{"parameters":{${chat}}`],
  ['an event', 'events', `data: {"choices":[],${chat}}`],
  ['an event, behind something that is closed', 'events', `data: {"response":{"text":{"format":{${chat}}}`],
] as const)('of what is cut short nothing tells whose usage the last one is: %s', (_, kind, end) => {
  expect(readUsage(Buffer.from(end), kind, false)).toBeUndefined();
});

test('an event that has come tells its usage, though the stream was cut short behind it', () => {
  const end = Buffer.from(`data: {"choices":[],${chat}}\n\ndata: {"cho`);
  expect(readUsage(end, 'events', false)).toEqual(found);
});

test('no stream tells a usage that its client has made up, wherever the response repeats it and is cut', () => {
  const forged = { usage: { input_tokens: 123, output_tokens: 456 } };
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('x', 1, null, forged),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'usage', 'schema'), tie('value'), { maxKeys: 2 }),
    ),
  }));
  fc.assert(
    fc.property(values['value'], fc.boolean(), fc.nat(), (schema, isFirst, cut) => {
      const echo = { tools: [schema], text: { format: schema } };
      const response = isFirst ? { ...echo, usage: null } : { usage: null, ...echo };
      const text = `data: ${JSON.stringify({ response })}\n\ndata: {"delta":"Hi"}\n\n`;
      for (const end of [text, text.slice(0, cut % text.length)])
        expect(readUsage(Buffer.from(end), 'events', false)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
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
        expect(read(answer)?.promptTokens).toBe(tokens);
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
  ['without what a tool has drawn', `{"tool_usage":{"image_gen":{"input_tokens":1}},${input}}}`],
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
