import { gzipSync } from 'node:zlib';
import { startMock } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { meterAll } from '../testing/meter-all.ts';
import { chatPath, post } from '../testing/post.ts';
import { startPackingBackend } from '../testing/start-packing-backend.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

const messages = [{ role: 'user', content: 'Hello' }];
const tools = [
  {
    type: 'function',
    function: { name: 'find', parameters: { type: 'object', properties: { usage: { type: 'string' } } } },
  },
];
const completionsPath = chatPath.replace('chat/', '');
const responsesPath = '/openai/v1/responses';
const v1Path = '/openai/v1/chat/completions';

const calls: [string, string, Record<string, unknown>][] = [
  ['a chat completion', chatPath, { messages }],
  ['a chat completion of v1', v1Path, { model: 'gpt-4o', messages, stream: false }],
  ['a call of a tool', chatPath, { messages, tools, tool_choice: 'required' }],
  ['several choices', chatPath, { messages, n: 3 }],
  ['log probabilities', chatPath, { messages, logprobs: true, top_logprobs: 2 }],
  ['a stream', chatPath, { messages, stream: true }],
  ['a stream of v1', v1Path, { stream: true, model: 'gpt-4o', messages }],
  [
    'a stream that is asked not to tell it',
    v1Path,
    {
      stream_options: { include_usage: false },
      stream: true,
      model: 'gpt-4o',
      messages,
    },
  ],
  ['a stream with null options', v1Path, { stream_options: null, stream: true, model: 'gpt-4o', messages }],
  [
    'a stream with other options',
    v1Path,
    {
      stream_options: { include_obfuscation: false },
      stream: true,
      model: 'gpt-4o',
      messages,
    },
  ],
  ['a stream of a tool call', chatPath, { messages, tools, tool_choice: 'required', stream: true }],
  ['a stream of several choices', chatPath, { messages, n: 3, stream: true }],
  ['a stream of log probabilities', chatPath, { messages, logprobs: true, top_logprobs: 2, stream: true }],
  [
    'a stream that tells its usage',
    chatPath,
    { messages, stream: true, stream_options: { include_usage: true } },
  ],
  ['a stream of a completion', completionsPath, { prompt: 'Hello', stream: true }],
  ['a completion', completionsPath, { prompt: 'Hello' }],
  ['embeddings', chatPath.replace('chat/completions', 'embeddings'), { input: ['Hello', 'World'] }],
  [
    'a response',
    responsesPath,
    { model: 'gpt-4o', input: 'Hello', metadata: { usage: '{"input_tokens":1}' } },
  ],
  ['a stream of a response', responsesPath, { model: 'gpt-4o', input: 'Hello', stream: true, tools: [] }],
];

/** Replaces the parts that differ in each answer. */
function alike(text: string): string {
  return text
    .replaceAll(/"(created|created_at|completed_at)":\d+/g, '"$1":0')
    .replaceAll(/\b(chatcmpl|cmpl|resp|msg|call|rs|fc|item)([-_])\w+/g, '$1$2x')
    .replaceAll(/"cached_tokens":\d+/g, '"cached_tokens":0');
}

async function startBackend(packing: string) {
  const mock = await startMock({ name: 'a', apiKey: 'key-a', latency: '1ms' });
  onTestFinished(() => mock.stop());
  return { mock, backend: await startPackingBackend(mock, packing) };
}

function usageIn(text: string): [number, number] | undefined {
  const told =
    /"(?:prompt|input)_tokens":(\d+)(?:,"(?:completion|output)_tokens":(\d+)|.*?"output_tokens":(\d+))?/;
  const [, prompt, output, other] = told.exec(text.slice(text.lastIndexOf('"usage":{'))) ?? [];
  return prompt === undefined ? undefined : [Number(prompt), Number(output ?? other ?? 0)];
}

test.each(
  ['identity', 'gzip', 'br', 'deflate'].flatMap((packing) =>
    calls.map((call) => [packing, ...call] as const),
  ),
)(
  'a client that is metered gets in %s what it would have got, and its usage is known: %s',
  async (packing, _, path, body) => {
    const { backend } = await startBackend(packing);
    const meters = meterAll();
    const backends = [
      { name: 'a', url: backend.url, apiKey: 'key-a', deployments: { 'gpt-4o': 'gpt-4o-eu' } },
    ];
    const metering = await startGatewayFor(backends, {}, meters.meterOf);
    const plain = await startGatewayFor(backends);
    const [expected, answer] = [await post(plain, path, body), await post(metering, path, body)];
    const text = await answer.text();
    expect(alike(text)).toBe(alike(await expected.text()));
    expect(answer.headers.get('content-type')).toBe(expected.headers.get('content-type'));
    expect(backend.acceptEncodings).toEqual([expect.stringContaining('gzip'), 'identity']);

    const asked = body['stream'] === true && path !== responsesPath;
    const telling = asked ? { ...body, stream_options: { include_usage: true } } : body;
    const [promptTokens, outputTokens] = usageIn(await (await post(plain, path, telling)).text()) ?? [];
    expect(promptTokens).toBeGreaterThan(0);
    expect(await meters.next()).toMatchObject({
      usage: { promptTokens, outputTokens },
      isComplete: true,
      relayedTokensEstimate: 0,
    });
  },
);

test('bytes of the asynchronous filter stay as they would have been', async () => {
  const meters = meterAll();
  const mocks = [{ contentFilter: 'asynchronous' as const, latency: '1ms' }];
  const metering = await startScene(mocks, {}, meters.meterOf);
  const plain = await startScene(mocks);
  const body = { messages, stream: true, max_tokens: 40 };
  const [expected, answer] = [await post(plain, chatPath, body), await post(metering, chatPath, body)];
  expect(alike(await answer.text())).toBe(alike(await expected.text()));
  expect(await meters.next()).toMatchObject({ isComplete: true });
});

test('a stream of an older version is not asked for its usage, and its usage is estimated', async () => {
  const meters = meterAll();
  const scene = await startScene([{ latency: '1ms' }], {}, meters.meterOf);
  const path = chatPath.replace('2024-10-21', '2024-06-01');
  await (await post(scene, path, { messages, stream: true })).text();
  const { usage, relayedTokensEstimate, isComplete } = await meters.next();
  expect({ usage, isComplete }).toEqual({ usage: undefined, isComplete: false });
  const { usage: exact } = (await (await post(scene, path, { messages })).json()) as {
    usage: { completion_tokens: number };
  };
  expect(relayedTokensEstimate / exact.completion_tokens).toBeGreaterThan(0.5);
  expect(relayedTokensEstimate / exact.completion_tokens).toBeLessThan(2);
});

test('a packed request is asked for its usage, and is sent as it is', async () => {
  const meters = meterAll();
  const scene = await startScene([{ latency: '1ms' }], {}, meters.meterOf);
  const body = gzipSync(JSON.stringify({ messages, stream: true }));
  const response = await post(scene, chatPath, body, { headers: { 'content-encoding': 'gzip' } });
  expect(await response.text()).not.toContain('"usage"');
  expect(await meters.next()).toMatchObject({
    isComplete: true,
    usage: { promptTokens: expect.any(Number) },
  });
});

test('of a stream that its client leaves, what was relayed is estimated', async () => {
  const meters = meterAll();
  const scene = await startScene(
    [{ script: [{ kind: 'slow', chunkDelayMs: 20, chunks: 1000 }] }],
    {},
    meters.meterOf,
  );
  const response = await post(scene, chatPath, { messages, stream: true });
  const reader = response.body!.getReader();
  let text = '';
  while (!/"content":"[^"]/.test(text)) text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  const { usage, isComplete, relayedTokensEstimate } = await meters.next();
  expect({ usage, isComplete }).toEqual({ usage: undefined, isComplete: false });
  expect(relayedTokensEstimate).toBeGreaterThan(0);
});

test('a refusal, and a request that no backend serves, have taken nothing', async () => {
  const meters = meterAll();
  const scene = await startScene(
    [{ script: [{ kind: 'status', status: 400, times: 1 }, { kind: 'throttle' }] }],
    {},
    meters.meterOf,
  );
  for (const status of [400, 429]) {
    expect((await post(scene)).status).toBe(status);
    expect(await meters.next()).toMatchObject({
      usage: undefined,
      relayedTokensEstimate: 0,
      isComplete: true,
    });
  }
});
