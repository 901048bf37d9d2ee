import { createAzure } from '@ai-sdk/azure';
import {
  embed,
  embedMany,
  generateSpeech,
  generateText,
  stepCountIs,
  streamText,
  tool,
  transcribe,
} from 'ai';
import { describe, expect, test } from 'vitest';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';
import {
  about,
  askThroughTrouble,
  question,
  spilled,
  startAgentScene,
  weatherOf,
  weatherSchema,
} from './agent-scene.ts';
import { recording } from './openai-clients.ts';

const backends = [{ script: 'throttle(retry-after=30)' }, {}].map((mock) => ({
  ...mock,
  completionTokens: 4,
}));
const reply = 'Hello from b.';
const prompt = 'Hello';
const maxRetries = 0;

const toolLoop = {
  prompt: question,
  tools: { get_weather: tool({ description: about, inputSchema: weatherSchema, execute: weatherOf }) },
  stopWhen: stepCountIs(3),
  maxRetries,
};

const providers = [
  ['v1 URLs', ({ url }: Scene) => createAzure({ baseURL: `${url}/openai/v1`, apiKey: 'client-key' })],
  [
    'URLs with the deployment',
    ({ url }: Scene) =>
      createAzure({
        baseURL: `${url}/openai`,
        apiKey: 'client-key',
        apiVersion: '2025-04-01-preview',
        useDeploymentBasedUrls: true,
      }),
  ],
] as const;

describe.each(providers)('@ai-sdk/azure with %s', (_, connect) => {
  test('while the first backend is throttled, the AI SDK generates text', async () => {
    const scene = await startScene(backends);
    const { text, finishReason, response } = await generateText({
      model: connect(scene).chat('gpt-4o'),
      prompt,
      maxRetries,
    });
    expect({ text, finishReason }).toEqual({ text: reply, finishReason: 'stop' });
    expect(response.headers?.['x-spillway-backend']).toBe('b');
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, the AI SDK streams text', async () => {
    const scene = await startScene(backends);
    const result = streamText({ model: connect(scene).chat('gpt-4o'), prompt, maxRetries });
    const deltas: string[] = [];
    for await (const delta of result.textStream) deltas.push(delta);
    expect(deltas.join('')).toBe(reply);
    expect(deltas.length).toBeGreaterThan(1);
    expect(await result.finishReason).toBe('stop');
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, the AI SDK runs its tools while that backend throttles, fails and recovers', async () => {
    const scene = await startAgentScene();
    const loop = { model: connect(scene).chat('gpt-4o'), ...toolLoop };
    const ask = async () => (await generateText(loop)).text;
    expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
    const streamed = await startAgentScene();
    const streaming = { model: connect(streamed).chat('gpt-4o'), ...toolLoop };
    const askStreaming = async () => await streamText(streaming).text;
    expect(await askThroughTrouble(streamed, askStreaming)).toEqual(spilled(2));
  });

  test('while the first backend is throttled, the AI SDK embeds', async () => {
    const scene = await startScene(backends);
    const model = connect(scene).embedding('text-embedding-3-small');
    const one = await embed({ model, value: 'one', maxRetries });
    expect(one.embedding.length).toBeGreaterThan(0);
    const many = await embedMany({ model, values: ['one', 'two'], maxRetries });
    expect(many.embeddings.length).toBe(2);
    expect(callsOf(scene)).toEqual([1, 2]);
  });

  test('while the first backend is throttled, the AI SDK transcribes and speaks', async () => {
    const scene = await startScene(backends);
    const azure = connect(scene);
    const audio = new Uint8Array(await (await recording()).arrayBuffer());
    const { text } = await transcribe({ model: azure.transcription('whisper'), audio, maxRetries });
    expect(text).toBe(reply);
    const speech = await generateSpeech({ model: azure.speech('tts'), text: 'Hello', maxRetries });
    expect(speech.audio.uint8Array.length).toBeGreaterThan(1000);
  });

  test('the AI SDK throws what the gateway says when no backend has quota left', async () => {
    const scene = await startScene([{ script: 'throttle(retry-after=30)' }]);
    const model = connect(scene).chat('gpt-4o');
    await expect(generateText({ model, prompt, maxRetries })).rejects.toMatchObject({
      statusCode: 429,
      message: expect.stringContaining('No backend has quota left for deployment "gpt-4o"'),
      responseHeaders: { 'retry-after': '30' },
    });
  });
});

test('@ai-sdk/azure gets a response of the Responses API, and streams one', async () => {
  const scene = await startScene(backends);
  const model = providers[0][1](scene).responses('gpt-4o');
  const providerOptions = { azure: { store: false }, openai: { store: false } };
  const { text } = await generateText({ model, prompt, maxRetries, providerOptions });
  expect(text).toBe(reply);
  const result = streamText({ model, prompt, maxRetries, providerOptions });
  expect(await result.text).toBe(reply);
  expect(callsOf(scene)).toEqual([1, 2]);
});

const unstored = { azure: { store: false }, openai: { store: false } };

test('while the first backend is throttled, the AI SDK @ai-sdk/azure by the Responses API runs its tools while the first backend throttles, fails and recovers', async () => {
  const scene = await startAgentScene();
  const model = providers[0][1](scene).responses('gpt-4o');
  const ask = async () => (await generateText({ model, ...toolLoop, providerOptions: unstored })).text;
  expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
});

test('while the first backend is throttled, the AI SDK @ai-sdk/azure by the Responses API goes on with what the second backend stored, which it refers to by its items’ ids', async () => {
  const scene = await startAgentScene();
  const model = providers[0][1](scene).responses('gpt-4o');
  scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
  const first = await generateText({ model, ...toolLoop });
  scene.mocks[0]?.setScript('ok');
  const messages = [...first.response.messages, { role: 'user' as const, content: 'And?' }];
  const next = await generateText({ model, messages, maxRetries });
  expect([first.text, next.text]).toEqual([reply, reply]);
  expect(scene.mocks[1]?.requests.at(-1)?.body).toContain('item_reference');
});

test('while the first backend is throttled, the AI SDK @ai-sdk/azure by the Responses API goes on with the backend that sealed its reasoning', async () => {
  const scene = await startAgentScene();
  const model = providers[0][1](scene).responses('gpt-5');
  const azure = { store: false, include: ['reasoning.encrypted_content'], reasoningEffort: 'low' };
  const providerOptions = { azure, openai: azure };
  scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
  const first = await generateText({ model, ...toolLoop, providerOptions });
  scene.mocks[0]?.setScript('ok');
  const messages = [...first.response.messages, { role: 'user' as const, content: 'And?' }];
  const next = await generateText({ model, messages, maxRetries, providerOptions });
  expect([first.text, next.text]).toEqual([reply, reply]);
  expect(scene.mocks[1]?.requests.at(-1)?.body).toContain('encrypted_content":"gAAAA');
});
