import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { callsOf, startScene } from '../testing/start-scene.ts';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const azure = { apiKey: 'client-key', apiVersion: '2024-10-21', maxRetries: 0 };

/** The gateway does the retrying: the SDK has none. */
const clients = [
  ['AzureOpenAI', ({ url }: { url: string }) => new AzureOpenAI({ ...azure, endpoint: url })],
  [
    'AzureOpenAI with a deployment',
    ({ url }: { url: string }) => new AzureOpenAI({ ...azure, endpoint: url, deployment: 'gpt-4o' }),
  ],
  [
    'OpenAI on v1',
    ({ url }: { url: string }) =>
      new OpenAI({ apiKey: 'client-key', baseURL: `${url}/openai/v1`, maxRetries: 0 }),
  ],
  [
    'OpenAI on the bare URL',
    ({ url }: { url: string }) => new OpenAI({ apiKey: 'client-key', baseURL: url, maxRetries: 0 }),
  ],
] as const;

describe.each(clients)('%s', (_, connect) => {
  const throttled = [{ script: 'throttle(retry-after=30)' }, {}];

  test('while the first backend is throttled, the openai SDK completes a chat', async () => {
    const scene = await startScene(throttled);
    const { data, response } = await connect(scene)
      .chat.completions.create({ model: 'gpt-4o', messages })
      .withResponse();
    expect(data.choices[0]!.message.content).toEqual(expect.stringMatching(/\w/));
    expect(data.choices[0]!.finish_reason).toBe('stop');
    expect(response.headers.get('x-spillway-backend')).toBe('b');
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, the openai SDK streams a chat', async () => {
    const scene = await startScene(throttled);
    const stream = await connect(scene).chat.completions.create({
      model: 'gpt-4o',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let finish: string | null | undefined;
    let usage: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage?.completion_tokens ?? usage;
    }
    expect({ text, finish, usage }).toEqual({
      text: expect.stringMatching(/\w/),
      finish: 'stop',
      usage: expect.any(Number),
    });
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, the openai SDK makes embeddings', async () => {
    const scene = await startScene(throttled);
    const { data } = await connect(scene).embeddings.create({ model: 'gpt-4o', input: ['one', 'two'] });
    expect(data.map(({ index, embedding }) => [index, embedding.length > 0])).toEqual([
      [0, true],
      [1, true],
    ]);
    expect(data[0]!.embedding[0]).toEqual(expect.any(Number));
    expect(callsOf(scene)).toEqual([1, 1]);
  });
});

test('when every backend is throttled, the SDK comes back when Retry-After says, and then succeeds', async () => {
  const scene = await startScene([
    { script: '1x throttle(retry-after=30)' },
    { script: '1x throttle(retry-after-ms=300)' },
  ]);
  const client = new AzureOpenAI({ ...azure, endpoint: scene.url, maxRetries: 1 });
  const { response } = await client.chat.completions.create({ model: 'gpt-4o', messages }).withResponse();
  expect(response.headers.get('x-spillway-backend')).toBe('b');
  expect(callsOf(scene)).toEqual([1, 2]);
});

test('the openai SDK when every backend is throttled, the SDK throws its own rate limit error, with the reason, once it has no retry left', async () => {
  const scene = await startScene([{ script: 'throttle(retry-after=30)' }]);
  const client = new AzureOpenAI({ ...azure, endpoint: scene.url });
  await expect(client.chat.completions.create({ model: 'gpt-4o', messages })).rejects.toMatchObject({
    name: 'Error',
    status: 429,
    code: '429',
    message: expect.stringContaining('No backend has quota left for deployment "gpt-4o"'),
  });
});

test('the SDK sees a stream that the backend broke as an error', async () => {
  const scene = await startScene([{ script: 'slow(chunk-delay=20ms, chunks=1000)' }]);
  const client = new AzureOpenAI({ ...azure, endpoint: scene.url });
  const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
  const read = async () => {
    for await (const chunk of stream) if (chunk.id !== '') await scene.mocks[0]!.stop();
  };
  await expect(read()).rejects.toThrow('terminated');
});

test('the SDK does not repeat a creation that the backend may have acted on', async () => {
  const scene = await startScene([{ script: 'reset' }]);
  const client = new OpenAI({ apiKey: 'client-key', baseURL: `${scene.url}/openai/v1`, maxRetries: 2 });
  await expect(client.responses.create({ model: 'gpt-4o', input: 'Hello' })).rejects.toMatchObject({
    status: 502,
  });
  expect(callsOf(scene)).toEqual([1]);
});

test('the SDK ends the backend’s request when it gives a stream up', async () => {
  const scene = await startScene([{ script: 'slow(chunk-delay=20ms, chunks=1000)' }]);
  const client = new AzureOpenAI({ ...azure, endpoint: scene.url });
  const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
  for await (const _ of stream) break;
  expect(await scene.mocks[0]!.requests[0]!.ended).toBe('aborted');
});
