import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { AzureChatOpenAI, AzureOpenAIEmbeddings } from '@langchain/openai';
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
import type { AIMessage, AIMessageChunk, BaseMessage } from '@langchain/core/messages';

// Nothing in a test must be sent to anyone.
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

const weather = tool(weatherOf, { name: 'get_weather', description: about, schema: weatherSchema });

/** Invokes a model until it calls no tool. */
async function runTools(
  invoke: (messages: BaseMessage[]) => Promise<AIMessage>,
  messages: BaseMessage[],
): Promise<string> {
  for (;;) {
    const message = await invoke(messages);
    const { tool_calls: calls = [] } = message;
    if (calls.length === 0) return message.text;
    messages.push(message);
    for (const call of calls) messages.push(await weather.invoke({ ...call, type: 'tool_call' }));
  }
}

const places = [
  ['azureOpenAIEndpoint', ({ url }: Scene) => ({ azureOpenAIEndpoint: url })],
  ['azureOpenAIBasePath', ({ url }: Scene) => ({ azureOpenAIBasePath: `${url}/openai/deployments` })],
] as const;

describe.each(places)('@langchain/openai by %s', (_, place) => {
  const chatOf = (scene: Scene) =>
    new AzureChatOpenAI({ ...azure, ...place(scene), azureOpenAIApiDeploymentName: 'gpt-4o' });

  test('while the first backend is throttled, LangChain invokes a chat', async () => {
    const scene = await startScene(backends);
    const message = await chatOf(scene).invoke('Hello');
    expect(message).toMatchObject({ content: reply, usage_metadata: { output_tokens: 4 } });
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, LangChain streams a chat', async () => {
    const scene = await startScene(backends);
    const pieces: string[] = [];
    for await (const { text } of await chatOf(scene).stream('Hello')) if (text !== '') pieces.push(text);
    expect(pieces.join('')).toBe(reply);
    expect(pieces.length).toBeGreaterThan(1);
    expect(callsOf(scene)).toEqual([1, 1]);
  });

  test('while the first backend is throttled, LangChain runs its tools while that backend throttles, fails and recovers', async () => {
    const scene = await startAgentScene();
    const model = chatOf(scene).bindTools([weather]);
    const ask = () => runTools((messages) => model.invoke(messages), [new HumanMessage(question)]);
    expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
  });

  test('while the first backend is throttled, LangChain runs its tools in streams while that backend throttles, fails and recovers', async () => {
    const scene = await startAgentScene();
    const model = chatOf(scene).bindTools([weather]);
    const invoke = async (messages: BaseMessage[]) => {
      const pieces: AIMessageChunk[] = [];
      for await (const piece of await model.stream(messages)) pieces.push(piece);
      return pieces.reduce((all, piece) => all.concat(piece));
    };
    const ask = () => runTools(invoke, [new HumanMessage(question)]);
    expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
  });

  test('LangChain throws its own rate limit error when no backend has quota left', async () => {
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
