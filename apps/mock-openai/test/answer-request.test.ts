import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import { chatBody, chatPath, post, readEvents, streamBody } from './testing/post.ts';
import type { Mock } from '../src/mock.ts';

let mock: Mock;
let strict: Mock;

beforeAll(async () => {
  mock = await startMock({ name: 'eastus', completionTokens: 4 });
  strict = await startMock({ deployments: ['gpt-4o'] });
});

afterAll(async () => {
  await Promise.all([mock.stop(), strict.stop()]);
});

const classic = (operation: string) => `/openai/deployments/gpt-4o/${operation}?api-version=2024-10-21`;
const safe = { filtered: false, severity: 'safe' };
const undetected = { filtered: false, detected: false };
const chunkFilter = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
const promptFilter = [{ prompt_index: 0, content_filter_results: { ...chunkFilter, jailbreak: undetected } }];
const usage = {
  prompt_tokens: 8,
  completion_tokens: 4,
  total_tokens: 12,
  prompt_tokens_details: { audio_tokens: 0, cached_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

test.each([
  ['classic', chatPath, chatBody],
  ['v1', '/openai/v1/chat/completions', { ...chatBody, model: 'gpt-4o' }],
  [
    'v1 with api-version',
    '/openai/v1/chat/completions?api-version=preview',
    { ...chatBody, model: 'gpt-4o' },
  ],
])('a chat completion (%s) has the body that Azure sends', async (_, path, body) => {
  const response = await post(mock, path, body);
  expect(await response.json()).toEqual({
    id: expect.stringMatching(/^chatcmpl-.{29}$/),
    object: 'chat.completion',
    created: expect.any(Number),
    model: 'gpt-4o-2024-08-06',
    prompt_filter_results: promptFilter,
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        logprobs: null,
        message: { role: 'assistant', content: 'Hello from eastus', refusal: null },
        content_filter_results: {
          ...chunkFilter,
          protected_material_code: undetected,
          protected_material_text: undetected,
        },
      },
    ],
    system_fingerprint: expect.stringMatching(/^fp_/),
    usage,
  });
});

test('a chat stream has its chunks in Azure’s order', async () => {
  const response = await post(mock, chatPath, streamBody);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const events = await readEvents(response);
  expect(events[0]).toEqual({
    choices: [],
    created: 0,
    id: '',
    model: '',
    object: '',
    prompt_filter_results: promptFilter,
  });
  const [, role, ...rest] = events as { choices: { delta: object; finish_reason: string | null }[] }[];
  expect(role).toMatchObject({ object: 'chat.completion.chunk', model: 'gpt-4o-2024-08-06' });
  expect(role?.choices[0]?.delta).toEqual({ content: '', refusal: null, role: 'assistant' });
  const content = rest.slice(0, 4).map((chunk) => chunk.choices[0]?.delta);
  expect(content).toEqual([
    { content: 'Hello' },
    { content: ' from' },
    { content: ' east' },
    { content: 'us' },
  ]);
  expect(rest[0]?.choices[0]).toMatchObject({ content_filter_results: chunkFilter, finish_reason: null });
  expect(rest[4]?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
  expect(rest[5]).toBe('[DONE]');
  expect(rest).toHaveLength(6);
  const ids = new Set(events.slice(1, -1).map((event) => (event as { id: string }).id));
  expect(ids.size).toBe(1);
  expect(JSON.stringify(events)).not.toContain('"usage"');
});

test('a chat stream ends with its usage when that is asked for, and every earlier chunk has none', async () => {
  const body = { ...chatBody, stream: true, stream_options: { include_usage: true } };
  const events = (await readEvents(await post(mock, chatPath, body))) as {
    usage: unknown;
    choices: unknown[];
  }[];
  expect(events.slice(0, -2).map((event) => event.usage)).toEqual(Array.from({ length: 7 }, () => null));
  expect(events.at(-2)).toMatchObject({ choices: [], usage });
  expect(events.at(-1)).toBe('[DONE]');
});

test.each([{ max_tokens: 2 }, { max_completion_tokens: 2 }])(
  'a request with %j shortens its reply',
  async (limit) => {
    const answer = await (await post(mock, chatPath, { ...chatBody, ...limit })).json();
    expect(answer).toMatchObject({
      choices: [{ finish_reason: 'length', message: { content: 'Hello from' } }],
      usage: { completion_tokens: 2 },
    });
  },
);

test.each<[string | string[], string, string]>([
  [' from', 'Hello', 'stop'],
  [['nowhere', 'ast', ' from'], 'Hello', 'stop'],
  ['Hello', '', 'stop'],
  [['nowhere', ''], 'Hello from eastus', 'stop'],
])('an answer ends before the text %j', async (stop, content, reason) => {
  const choices = [{ finish_reason: reason, message: { content } }];
  expect(await (await post(mock, chatPath, { ...chatBody, stop })).json()).toMatchObject({ choices });
  const events = await readEvents(await post(mock, chatPath, { ...chatBody, stop, stream: true }));
  const deltas = (events as { choices?: { delta: { content?: string } }[] }[]).flatMap(
    (event) => event.choices ?? [],
  );
  expect(deltas.map(({ delta }) => delta.content ?? '').join('')).toBe(content);
  const completed = await post(mock, classic('completions'), { prompt: 'x', stop });
  expect(await completed.json()).toMatchObject({ choices: [{ text: content, finish_reason: reason }] });
});

test('a completion is plain or streamed', async () => {
  const path = classic('completions');
  expect(await (await post(mock, path, { prompt: 'Once upon a time' })).json()).toMatchObject({
    id: expect.stringMatching(/^cmpl-/),
    object: 'text_completion',
    choices: [{ text: 'Hello from eastus', index: 0, finish_reason: 'stop' }],
    prompt_filter_results: promptFilter,
    usage: { prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 },
  });
  const body = { prompt: 'x', stream: true, stream_options: { include_usage: true } };
  const events = await readEvents(await post(mock, path, body));
  const texts = (events as { choices?: { text: string }[] }[]).flatMap((event) => event.choices ?? []);
  expect(texts.map(({ text }) => text).join('')).toBe('Hello from eastus');
  expect(events.at(-2)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
  expect(events.at(-1)).toBe('[DONE]');
});

test('embeddings come as numbers or as base64 of the same little-endian float32', async () => {
  const path = '/openai/v1/embeddings';
  const body = { model: 'text-embedding-3-large', input: ['one', 'two'] };
  type Answer = { data: { embedding: number[] }[]; model: string; usage: object };
  const floats = (await (await post(mock, path, { ...body, encoding_format: 'float' })).json()) as Answer;
  const coded = await (await post(mock, path, { ...body, encoding_format: 'base64' })).json();
  expect(floats).toMatchObject({
    object: 'list',
    data: [
      { object: 'embedding', index: 0 },
      { object: 'embedding', index: 1 },
    ],
    model: 'text-embedding-3-large',
    usage: { prompt_tokens: 2, total_tokens: 2 },
  });
  const decoded = (coded as { data: { embedding: string }[] }).data.map(({ embedding }) => {
    const bytes = Buffer.from(embedding, 'base64');
    return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  });
  expect(decoded).toEqual(floats.data.map(({ embedding }) => embedding));
  expect(decoded[0]).toHaveLength(3072);
  expect(decoded[0]).not.toEqual(decoded[1]);
  expect(Math.hypot(...(decoded[0] ?? []))).toBeCloseTo(1, 5);
});

test.each([
  ['a text', 'hello', 1, 1536],
  ['tokens', [1, 2, 3], 1, 1536],
  ['lists of tokens', [[1], [2, 3]], 2, 1536],
])('embeddings take %s as their input', async (_, input, count, size) => {
  const answer = await (await post(mock, classic('embeddings'), { input })).json();
  const { data } = answer as { data: { embedding: number[] }[] };
  expect(data.map(({ embedding }) => embedding.length)).toEqual(Array.from({ length: count }, () => size));
});

test.each(['/openai/models?api-version=2024-10-21', '/openai/v1/models'])(
  'a GET of %s is answered with the list of models',
  async (path) => {
    const answer = await (await fetch(mock.url + path)).json();
    expect(answer).toMatchObject({ object: 'list' });
    expect((answer as { data: object[] }).data).toContainEqual(
      expect.objectContaining({ id: 'gpt-4o-2024-08-06', object: 'model', status: 'succeeded' }),
    );
  },
);

const notFound = '{"error":{"code":"404","message":"Resource not found"}}';
test.each([
  ['POST', '/openai/deployments/gpt-4o/chat/completions'],
  ['POST', '/openai/deployments/gpt-4o/chat/completions?api-version='],
  ['POST', '/openai/deployments/gpt-4o/nothing?api-version=2024-10-21'],
  ['POST', '/openai/deployments/%ff/chat/completions?api-version=2024-10-21'],
  ['POST', '/openai/deployments?api-version=2024-10-21'],
  ['GET', chatPath],
  ['GET', '/openai/models'],
  ['POST', '/openai/v1/nothing'],
  ['GET', '/'],
])('%s %s is not found', async (method, path) => {
  const response = await fetch(mock.url + path, { method });
  expect([response.status, await response.text()]).toEqual([404, notFound]);
});

test.each([
  ['classic', '/openai/deployments/gpt-5/chat/completions?api-version=2024-10-21', chatBody],
  ['v1', '/openai/v1/chat/completions', { ...chatBody, model: 'gpt-5' }],
])('a deployment that does not exist (%s) is not found', async (_, path, body) => {
  const response = await post(strict, path, body);
  expect([response.status, await response.text()]).toEqual([
    404,
    '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}',
  ]);
});

test('a deployment’s name may be percent-encoded', async () => {
  const response = await post(strict, chatPath.replace('gpt-4o', 'gpt%2D4o'), chatBody);
  expect(response.status).toBe(200);
});

test.each([
  ['no JSON', chatPath, '{"messages":', { type: 'invalid_request_error', param: null }],
  ['no object', chatPath, '[]', { type: 'invalid_request_error', param: null }],
  ['no messages', chatPath, {}, { param: 'messages', code: 'missing_required_parameter' }],
  ['no prompt', classic('completions'), {}, { param: 'prompt', code: 'missing_required_parameter' }],
  ['no input', classic('embeddings'), {}, { param: 'input', code: 'missing_required_parameter' }],
  ['no inputs', classic('embeddings'), { input: [] }, { param: 'input' }],
  ['no model', '/openai/v1/chat/completions', chatBody, { param: 'model' }],
])('a body with %s is refused in OpenAI’s shape', async (_, path, body, error) => {
  const response = await post(mock, path, body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error });
});
