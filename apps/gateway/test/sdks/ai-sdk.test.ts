import { createAzure } from '@ai-sdk/azure';
import { embed, embedMany, generateSpeech, transcribe, generateText, streamText } from 'ai';
import { describe, expect, test } from 'vitest';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';
import { recording } from './openai-clients.ts';

const backends = [{ script: 'throttle(retry-after=30)' }, {}].map((mock) => ({
  ...mock,
  completionTokens: 4,
}));
const reply = 'Hello from b.';
const prompt = 'Hello';
const maxRetries = 0;

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

describe.each(providers)('@ai-sdk/azure with %s, while the first backend is throttled,', (_, connect) => {
  test('generates text', async () => {
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

  test('streams text', async () => {
    const scene = await startScene(backends);
    const result = streamText({ model: connect(scene).chat('gpt-4o'), prompt, maxRetries });
    const deltas: string[] = [];
    for await (const delta of result.textStream) deltas.push(delta);
    expect(deltas.join('')).toBe(reply);
    expect(deltas.length).toBeGreaterThan(1);
    expect(await result.finishReason).toBe('stop');
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('embeds', async () => {
    const scene = await startScene(backends);
    const model = connect(scene).embedding('text-embedding-3-small');
    const one = await embed({ model, value: 'one', maxRetries });
    expect(one.embedding.length).toBeGreaterThan(0);
    const many = await embedMany({ model, values: ['one', 'two'], maxRetries });
    expect(many.embeddings.length).toBe(2);
    expect(callsOf(scene)).toEqual([1, 2]);
  });

  test('transcribes and speaks', async () => {
    const scene = await startScene(backends);
    const azure = connect(scene);
    const audio = new Uint8Array(await (await recording()).arrayBuffer());
    const { text } = await transcribe({ model: azure.transcription('whisper'), audio, maxRetries });
    expect(text).toBe(reply);
    const speech = await generateSpeech({ model: azure.speech('tts'), text: 'Hello', maxRetries });
    expect(speech.audio.uint8Array.length).toBeGreaterThan(1000);
  });

  test('throws what the gateway says when no backend has quota left', async () => {
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
