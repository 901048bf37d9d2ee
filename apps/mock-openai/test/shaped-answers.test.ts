import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as formats } from 'ajv-formats';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { countTokens } from '../src/tokens/count-tokens.ts';
import { start } from './testing/start.ts';

const model = 'gpt-4o';
const messages = [{ role: 'user' as const, content: 'Hello, in JSON' }];
const clientOf = ({ url }: { url: string }) =>
  new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1`, maxRetries: 0 });

const node = {
  type: 'object',
  properties: {
    value: { type: 'integer', minimum: 3, multipleOf: 4 },
    next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
  },
  required: ['value', 'next'],
  additionalProperties: false,
};
const term = { anyOf: [{ $ref: '#/$defs/sum' }, { $ref: '#/$defs/product' }, { type: 'number' }] };
const sum = {
  type: 'object',
  properties: { left: { $ref: '#/$defs/term' }, right: { $ref: '#/$defs/term' } },
  required: ['left', 'right'],
  additionalProperties: false,
};
const nested = (levels: number): Record<string, unknown> =>
  levels === 0
    ? { type: 'string' }
    : {
        type: 'object',
        properties: { inner: nested(levels - 1) },
        required: ['inner'],
        additionalProperties: false,
      };
const schemas: [string, Record<string, unknown>][] = [
  ['nothing in it', { type: 'object', properties: {}, additionalProperties: false }],
  ['recursion', { $ref: '#/$defs/node', $defs: { node } }],
  [
    'lists of itself',
    {
      type: 'object',
      properties: { name: { type: 'string' }, parts: { type: 'array', items: { $ref: '#' } } },
      required: ['name', 'parts'],
      additionalProperties: false,
    },
  ],
  ['twelve levels', nested(12)],
  [
    'parts of which most have further ones',
    { type: 'object', properties: { sum: term }, required: ['sum'], $defs: { sum, product: sum, term } },
  ],
  [
    'strings of a form',
    {
      type: 'object',
      properties: {
        at: { type: 'string', format: 'date-time' },
        code: { type: 'string', pattern: '^[a-z]{2}-\\d+$' },
        id: { type: 'string', format: 'uuid' },
      },
      required: ['at', 'code', 'id'],
    },
  ],
  [
    'alternatives and lists',
    {
      type: 'object',
      properties: {
        steps: {
          type: 'array',
          minItems: 2,
          items: { oneOf: [{ const: 'go' }, { type: 'object', required: ['to'] }] },
        },
        end: { type: ['string', 'null'], enum: ['here', null] },
      },
      required: ['steps', 'end'],
      additionalProperties: false,
    },
  ],
];

describe.each(schemas)('a schema with %s', (_, schema) => {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  const validate = ajv.compile(schema);

  test('is what a chat answers, whole and streamed', async () => {
    const { chat } = clientOf(await start());
    const ask = {
      model,
      messages,
      response_format: { type: 'json_schema' as const, json_schema: { name: 'it', strict: true, schema } },
    };
    const { choices } = await chat.completions.create(ask);
    const text = choices[0]?.message.content ?? '';
    expect({ text, isValid: validate(JSON.parse(text)) }).toEqual({ text, isValid: true });
    const stream = chat.completions.stream(ask);
    expect(await stream.finalContent()).toBe(text);
  });

  test('is what a response answers, whole and streamed', async () => {
    const { responses } = clientOf(await start());
    const format = { type: 'json_schema' as const, name: 'it', strict: true, schema };
    const ask = { model, input: 'Hello', text: { format } };
    const { output_text: text } = await responses.create(ask);
    expect({ text, isValid: validate(JSON.parse(text)) }).toEqual({ text, isValid: true });
    expect((await responses.stream(ask).finalResponse()).output_text).toBe(text);
  });
});

test('JSON mode answers an object, of which the tokens are counted', async () => {
  const { chat } = clientOf(await start({ name: 'eastus' }));
  const ask = { model, messages, response_format: { type: 'json_object' as const } };
  const { choices, usage } = await chat.completions.create(ask);
  const text = '{"reply":"Hello from eastus."}';
  expect(choices[0]?.message.content).toBe(text);
  expect(usage?.completion_tokens).toBe(countTokens(text, 'o200k_base'));
});

test('n asks for so many answers, whole and streamed, and all are counted', async () => {
  const { chat } = clientOf(await start({ completionTokens: 5 }));
  const ask = { model, messages, n: 3 };
  const { choices, usage } = await chat.completions.create(ask);
  expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(new Set(choices.map(({ message }) => message.content)).size).toBe(1);
  expect(usage?.completion_tokens).toBe(15);
  const streamed = await chat.completions.stream(ask).finalChatCompletion();
  expect(streamed.choices.map(({ message }) => message.content)).toEqual(
    choices.map(({ message }) => message.content),
  );
});

test.each([0, 129, 1.5, 'two'])('n of %j is a 400', async (n) => {
  const { chat } = clientOf(await start());
  const ask = { model, messages, n: n as number };
  await expect(chat.completions.create(ask)).rejects.toMatchObject({ status: 400, param: 'n' });
});

test('logprobs tell each token of a chat, and what else might have stood there', async () => {
  const { chat } = clientOf(await start({ name: 'eastus', completionTokens: 6 }));
  const ask = { model, messages, logprobs: true, top_logprobs: 2 };
  const { choices } = await chat.completions.create(ask);
  const tokens = choices[0]?.logprobs?.content ?? [];
  expect(tokens.map(({ token }) => token).join('')).toBe(choices[0]?.message.content);
  expect(tokens.length).toBe(6);
  expect(tokens[0]).toMatchObject({ logprob: expect.any(Number), bytes: expect.any(Array) });
  expect(tokens[0]?.top_logprobs.map(({ token }) => token)).toEqual(['Hello', 'Hello1']);
  const streamed = await chat.completions.stream(ask).finalChatCompletion();
  expect(streamed.choices[0]?.logprobs?.content).toEqual(tokens);
});

/** The token details of the first text of a response. */
const logprobsOf = ({ output }: OpenAI.Responses.Response) =>
  output[0]?.type === 'message' && output[0].content[0]?.type === 'output_text'
    ? output[0].content[0].logprobs
    : undefined;

test('logprobs of a response are told where include asks for them', async () => {
  const { responses } = clientOf(await start({ completionTokens: 3 }));
  const ask = {
    model,
    input: 'Hello',
    include: ['message.output_text.logprobs' as const],
    top_logprobs: 1,
  };
  const whole = logprobsOf(await responses.create(ask));
  expect(whole?.length).toBe(3);
  expect(logprobsOf(await responses.stream(ask).finalResponse())).toEqual(whole);
});

test('a schema that no value satisfies has an answer all the same', async () => {
  const schema = { type: 'object', properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] };
  const { choices } = await clientOf(await start()).chat.completions.create({
    model,
    messages,
    response_format: { type: 'json_schema', json_schema: { name: 'endless', schema } },
  });
  expect(JSON.parse(choices[0]?.message.content ?? '')).toBeTypeOf('object');
});
