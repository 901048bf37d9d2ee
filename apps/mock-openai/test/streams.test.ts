import { AzureOpenAI, OpenAI } from 'openai';
import { expect, test } from 'vitest';
import { chatBody, chatPath, post, readEvents, streamBody } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Mock } from '../src/mock.ts';

const classic = (operation: string) => `/openai/deployments/gpt-4o/${operation}?api-version=2024-10-21`;

function clientOf(mock: Mock): AzureOpenAI {
  return new AzureOpenAI({ endpoint: mock.url, apiKey: 'x', apiVersion: '2024-10-21', maxRetries: 0 });
}

const sdkBody = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] };

interface Chunk {
  readonly id: string;
  readonly choices: readonly {
    readonly delta?: { readonly content?: string };
    readonly finish_reason: string | null;
    readonly content_filter_results?: object;
    readonly content_filter_offsets?: { check_offset: number; start_offset: number; end_offset: number };
  }[];
  readonly usage?: object | null;
}

test.each(['chat/completions', 'completions'])(
  'the asynchronous filter tells what it found of %s in chunks of its own, the last after the end',
  async (operation) => {
    const mock = await start({ contentFilter: 'asynchronous', completionTokens: 60 });
    const body = { ...streamBody, prompt: 'x', stream_options: { include_usage: true } };
    const events = (await readEvents(await post(mock, classic(operation), body))) as Chunk[];
    const choices = events.flatMap((event) => event.choices ?? []);
    const found = choices.filter((choice) => choice.content_filter_offsets !== undefined);
    const others = choices.filter((choice) => choice.content_filter_offsets === undefined);
    expect(others.some((choice) => choice.content_filter_results !== undefined)).toBe(false);
    expect(found.some((choice) => 'delta' in choice || 'text' in choice)).toBe(false);

    const isFound = (event: Chunk) => event.choices?.[0]?.content_filter_offsets !== undefined;
    expect(events.filter(isFound)).toMatchObject([{ id: '' }, { id: '' }, { id: '' }]);
    const finish = events.findIndex((event) => event.choices?.[0]?.finish_reason === 'stop');
    expect(events.findLastIndex(isFound)).toBe(finish + 1);
    const offsets = found.map((choice) => choice.content_filter_offsets);
    expect(offsets.map((one) => one?.start_offset)).toEqual([
      0,
      ...offsets.slice(0, -1).map((one) => one?.end_offset),
    ]);
    const length = others
      .map((choice) => choice.delta?.content ?? (choice as { text?: string }).text ?? '')
      .join('').length;
    expect(offsets.at(-1)?.end_offset).toBe(length);
    expect(events.slice(0, -2).every((event) => event.usage === null)).toBe(true);
    expect(events.at(-1)).toBe('[DONE]');
  },
);

test('the openai SDK’s helpers bear the chunks of the asynchronous filter', async () => {
  const mock = await start({ contentFilter: 'asynchronous', completionTokens: 30 });
  const completion = await clientOf(mock).chat.completions.stream(sdkBody).finalChatCompletion();
  expect(completion.choices[0]?.message.content).toMatch(/^Hello from mock\. The quick brown fox/);
  expect(completion.choices[0]?.finish_reason).toBe('stop');
});

test.each([
  ['error', 2, 'data: {"error":{"message":"The model is currently overloaded'],
  ['error(after-chunks=0)', 0, 'data: {"error":{"message":"The model'],
  ['error(after-chunks=4, form=event)', 4, 'event: error\ndata: {"error":{"message":'],
  [
    'error(after-chunks=3, form=event, shape=flat, message=No, type=t, code=c)',
    3,
    'event: error\ndata: {"message":"No","type":"t","param":null,"code":"c"}',
  ],
  ['error(shape=flat)', 2, 'data: {"message":"The model is'],
])('%s ends a stream in an error after its chunks', async (script, count, event) => {
  const mock = await start({ script });
  const response = await post(mock, chatPath, streamBody);
  const events = (await response.text()).split('\n\n');
  expect(response.status).toBe(200);
  expect(events.length).toBe(count + 2);
  expect(events[count]).toMatch(new RegExp(`^${event.replaceAll(/[{}"]/g, '\\$&')}`));
  expect(events.at(-1)).toBe('');
});

test('an error of a plain answer is a 500', async () => {
  const mock = await start({ script: 'error(message=No)' });
  const response = await post(mock);
  expect([response.status, await response.json()]).toMatchObject([500, { error: { message: 'No' } }]);
});

test.each(['error(after-chunks=0)', 'error(after-chunks=4, form=event)'])(
  'the openai SDK throws what %s sends',
  async (script) => {
    const mock = await start({ script });
    const chunks = await clientOf(mock).chat.completions.create({ ...sdkBody, stream: true });
    const read = async () => {
      for await (const chunk of chunks) expect(chunk).toBeDefined();
    };
    await expect(read()).rejects.toThrow('The model is currently overloaded');
    expect(mock.counters.total).toBe(1);
  },
);

test('a stream of the Responses API fails in the same way, and the openai SDK throws it', async () => {
  const mock = await start({ script: 'error(form=event, after-chunks=3)', latency: 'gpt-4o(ttft=1ms)' });
  const response = await post(mock, '/openai/v1/responses', { model: 'gpt-4o', input: 'x', stream: true });
  const events = (await response.text()).split('\n\n');
  expect(events.map((event) => event.split('\n')[0])).toEqual([
    'event: response.created',
    'event: response.in_progress',
    'event: response.output_item.added',
    'event: error',
    '',
  ]);
  const client = new OpenAI({ baseURL: `${mock.url}/openai/v1/`, apiKey: 'x', maxRetries: 0 });
  const read = async () => {
    const parts = await client.responses.create({ model: 'gpt-4o', input: 'x', stream: true });
    for await (const part of parts) expect(part.type).toMatch(/^response\./);
  };
  await expect(read()).rejects.toThrow('The model is currently overloaded');
});

test('the content filter blocks a stream after some tokens, which ends with [DONE]', async () => {
  const mock = await start({ script: 'block(after-tokens=2)' });
  const events = (await readEvents(await post(mock, chatPath, streamBody))) as Chunk[];
  const deltas = events.map((event) => event.choices?.[0]?.delta?.content ?? '');
  expect(deltas.join('')).toBe('Hello from');
  expect(events.at(-2)?.choices[0]).toMatchObject({
    finish_reason: 'content_filter',
    content_filter_results: { violence: { filtered: true, severity: 'medium' } },
  });
  expect(events.at(-1)).toBe('[DONE]');
});

test.each([true, false])('the content filter blocks a response, streamed: %s', async (isStream) => {
  const mock = await start({ script: 'block(after-tokens=2)' });
  const body = { model: 'gpt-4o', input: 'x', stream: isStream };
  const text = await (await post(mock, '/openai/v1/responses', body)).text();
  const [name = '', json = ''] = isStream ? (text.split('\n\n').at(-2) ?? '').split('\n') : ['', text];
  const response = JSON.parse(json.replace('data: ', '')) as { response?: object };
  expect(name).toBe(isStream ? 'event: response.incomplete' : '');
  expect(response.response ?? response).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'content_filter' },
    output: [{ status: 'incomplete', content: [{ text: 'Hello from' }] }],
  });
});

test.each(['chat/completions', 'completions'])(
  'the content filter blocks a plain answer of %s',
  async (operation) => {
    const mock = await start({ script: 'block' });
    const answer = await (await post(mock, classic(operation), { ...chatBody, prompt: 'x' })).json();
    expect(answer).toMatchObject({
      choices: [
        { finish_reason: 'content_filter', content_filter_results: { violence: { filtered: true } } },
      ],
      usage: { completion_tokens: 3 },
    });
  },
);

test('with the default filter a slow stream comes in blocks, each of chunks of a token', async () => {
  const mock = await start({ completionTokens: 90, latency: 'custom(tokens-per-second=3000)' });
  const response = await post(mock, chatPath, streamBody);
  const reads: number[] = [];
  for await (const bytes of response.body ?? []) {
    reads.push(
      Buffer.from(bytes)
        .toString()
        .match(/data: /g)?.length ?? 0,
    );
  }
  expect(reads.reduce((sum, count) => sum + count, 0)).toBe(90 + 4);
  // Token by token it would be 91 reads; the network may split a few blocks into some more.
  expect(reads.length).toBeLessThan(30);
});

test.each([
  ['plain answer', chatPath, chatBody, 'ttft=1000s'],
  [
    'plain answer, even of a model that is only slow after its first token,',
    chatPath,
    chatBody,
    'tokens-per-second=0.001',
  ],
  ['stream', chatPath, streamBody, 'ttft=1000s'],
  ['list of embeddings', classic('embeddings'), { input: 'x' }, 'ttft=1000s'],
])('a %s does not begin before the time of its model is over', async (_, path, body, speed) => {
  const mock = await start({ latency: `gpt-4o=custom(${speed})` });
  const leave = new AbortController();
  const received = mock.nextRequest();
  const answer = post(mock, path, body, { signal: leave.signal }).catch((error: unknown) => error);
  const record = await received;
  expect((await post(mock, chatPath.replace('gpt-4o', 'other'))).status).toBe(200);
  expect(record.status).toBeUndefined();
  leave.abort();
  expect(await answer).toMatchObject({ name: 'AbortError' });
});

function heldBytes(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

test('a client that reads nothing does not make the mock hold the stream', async () => {
  const mock = await start({ completionTokens: 100_000 });
  const response = await post(mock, chatPath, streamBody);
  const reader = response.body?.getReader();
  await reader?.read();
  const beforeBytes = heldBytes();
  // The stream is about 40 MB: unread data waits in the mock's generator, not in memory.
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(heldBytes() - beforeBytes).toBeLessThan(16_000_000);
  expect(mock.openRequests).toBe(1);
  await reader?.cancel();
});
