import { AzureChatOpenAI, AzureOpenAIEmbeddings } from '@langchain/openai';
import { describe, expect, test } from 'vitest';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';

// Nothing of a test is to be sent to anyone.
process.env['LANGCHAIN_TRACING_V2'] = 'false';
process.env['LANGSMITH_TRACING'] = 'false';

const backends = [{ script: 'throttle(retry-after=30)' }, {}].map((mock) => ({
  ...mock,
  completionTokens: 4,
}));
const reply = 'Hello from b.';
const azure = {
  azureOpenAIApiKey: 'client-key',
  azureOpenAIApiVersion: '2024-10-21',
  maxRetries: 0,
};

const places = [
  ['azureOpenAIEndpoint', ({ url }: Scene) => ({ azureOpenAIEndpoint: url })],
  ['azureOpenAIBasePath', ({ url }: Scene) => ({ azureOpenAIBasePath: `${url}/openai/deployments` })],
] as const;

describe.each(places)('@langchain/openai by %s, while the first backend is throttled,', (_, place) => {
  const chatOf = (scene: Scene) =>
    new AzureChatOpenAI({ ...azure, ...place(scene), azureOpenAIApiDeploymentName: 'gpt-4o' });

  test('invokes a chat', async () => {
    const scene = await startScene(backends);
    const message = await chatOf(scene).invoke('Hello');
    expect(message).toMatchObject({ content: reply, usage_metadata: { output_tokens: 4 } });
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('streams a chat', async () => {
    const scene = await startScene(backends);
    const pieces: string[] = [];
    for await (const { text } of await chatOf(scene).stream('Hello')) if (text !== '') pieces.push(text);
    expect(pieces.join('')).toBe(reply);
    expect(pieces.length).toBeGreaterThan(1);
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('throws its own rate limit error when no backend has quota left', async () => {
    const scene = await startScene([{ script: 'throttle(retry-after=30)' }]);
    await expect(chatOf(scene).invoke('Hello')).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('No backend has quota left for deployment "gpt-4o"'),
    });
    expect(callsOf(scene)).toEqual([1]);
  });
});

test('@langchain/openai embeds documents while the first backend is throttled', async () => {
  const scene = await startScene(backends);
  const embeddings = new AzureOpenAIEmbeddings({
    ...azure,
    azureOpenAIBasePath: `${scene.url}/openai/deployments`,
    azureOpenAIApiEmbeddingsDeploymentName: 'text-embedding-3-small',
    batchSize: 16,
  });
  const vectors = await embeddings.embedDocuments(['one', 'two']);
  expect(vectors.map(([first]) => typeof first)).toEqual(['number', 'number']);
  expect(await embeddings.embedQuery('one')).toEqual(vectors[0]);
  expect(callsOf(scene)).toEqual([1, 2]);
});
