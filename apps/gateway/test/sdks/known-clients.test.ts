import { createAzure } from '@ai-sdk/azure';
import { AzureChatOpenAI } from '@langchain/openai';
import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import { generateText, streamText } from 'ai';
import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatPath, post, streamBody } from '../testing/post.ts';
import { APPLICATION, AUDIENCE, startIssuer, TENANT } from '../testing/start-issuer.ts';
import { type Scene, type SceneBackend, startScene } from '../testing/start-scene.ts';
import { about, weatherOf, weatherSchema } from './agent-scene.ts';

// Nothing in a test must be sent to anyone.
process.env['LANGCHAIN_TRACING_V2'] = 'false';
process.env['LANGSMITH_TRACING'] = 'false';

const KEY = makeKey();
const messages = [{ role: 'user' as const, content: 'Hello' }];
const apiVersion = '2024-10-21';

/** An SDK's credential: a key, or a function that returns tokens. */
type Given = { readonly key: string } | { readonly token: () => Promise<string> };

interface KnownScene extends Scene {
  readonly given: Given;
}

/** Starts a gateway with two clients that have budgets, one with a key and the other with a token. */
async function startKnown(
  client: 'keyed' | 'robot',
  backends: readonly SceneBackend[] = [{ completionTokens: 4 }],
  budget: object = { tpm: 100_000, rpm: 100 },
): Promise<KnownScene> {
  const issuer = await startIssuer();
  const scene = await startScene(backends, {
    auth: { entra: { tenants: [TENANT], audiences: [AUDIENCE], authority: issuer.url } },
    clients: [
      { name: 'keyed', keys: [{ sha256: sha256(KEY) }], budgets: [budget] },
      { name: 'robot', entra: { applications: [APPLICATION] }, budgets: [budget] },
    ],
  });
  const given = client === 'keyed' ? { key: KEY } : { token: () => Promise.resolve(issuer.token()) };
  return { ...scene, given };
}

/** Both classes of the `openai` package. */
const openaiClients: readonly (readonly [string, (scene: KnownScene, maxRetries?: number) => OpenAI])[] = [
  [
    'AzureOpenAI',
    ({ url, given }, maxRetries = 0) =>
      new AzureOpenAI({
        endpoint: url,
        apiVersion,
        maxRetries,
        ...('key' in given ? { apiKey: given.key } : { azureADTokenProvider: given.token }),
      }),
  ],
  [
    'OpenAI',
    ({ url, given }, maxRetries = 0) =>
      new OpenAI({
        baseURL: `${url}/openai/v1`,
        maxRetries,
        apiKey: 'key' in given ? given.key : given.token,
      }),
  ],
];

describe.each(['keyed', 'robot'] as const)('the client %s', (client) => {
  const usage: unknown = { promptTokens: expect.any(Number), outputTokens: 4, cachedTokens: 0 };
  const known = { client, status: 200, usage };

  test.each(openaiClients)('is known by %s, and its streams are as it asked for them', async (_, connect) => {
    const scene = await startKnown(client);
    const { chat } = connect(scene);
    const answer = await chat.completions.create({ model: 'gpt-4o', messages });
    expect(answer.usage?.completion_tokens).toBe(4);
    for (const isTold of [false, true]) {
      const stream = await chat.completions.create({
        model: 'gpt-4o',
        messages,
        stream: true,
        ...(isTold && { stream_options: { include_usage: true } }),
      });
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      expect(chunks.some((chunk) => 'usage' in chunk)).toBe(isTold);
      // Only two chunks have no choice: that of the prompt's filter results, and that of the usage.
      expect(chunks.filter(({ choices }) => choices.length === 0).length).toBe(isTold ? 2 : 1);
      expect(chunks.at(-1)?.usage?.completion_tokens).toBe(isTold ? 4 : undefined);
    }
    for (const number of [1, 2, 3]) expect(await scene.log.request(number)).toMatchObject(known);
  });

  test('is known by @ai-sdk/azure', async () => {
    const scene = await startKnown(client);
    const { given } = scene;
    const azure = createAzure({
      baseURL: `${scene.url}/openai`,
      apiVersion,
      useDeploymentBasedUrls: true,
      ...('key' in given ? { apiKey: given.key } : { tokenProvider: given.token }),
    });
    const model = azure.chat('gpt-4o');
    const whole = await generateText({ model, prompt: 'Hello', maxRetries: 0 });
    const stream = streamText({ model, prompt: 'Hello', maxRetries: 0 });
    expect([await stream.text, (await stream.usage).outputTokens]).toEqual([whole.text, 4]);
    for (const number of [1, 2]) expect(await scene.log.request(number)).toMatchObject(known);
  });

  test.each([true, false])('is known by @langchain/openai that asks for usage: %s', async (streamUsage) => {
    const scene = await startKnown(client);
    const { given } = scene;
    const chat = new AzureChatOpenAI({
      azureOpenAIEndpoint: scene.url,
      azureOpenAIApiVersion: apiVersion,
      azureOpenAIApiDeploymentName: 'gpt-4o',
      maxRetries: 0,
      streamUsage,
      ...('key' in given ? { azureOpenAIApiKey: given.key } : { azureADTokenProvider: given.token }),
    });
    const told4 = { output_tokens: 4 };
    expect(await chat.invoke('Hello')).toMatchObject({ usage_metadata: told4 });
    const usages: unknown[] = [];
    for await (const { usage_metadata: usage } of await chat.stream('Hello'))
      if (usage !== undefined) usages.push(usage);
    expect(usages).toMatchObject(streamUsage ? [told4] : []);
    for (const number of [1, 2]) expect(await scene.log.request(number)).toMatchObject(known);
  });

  test.each(openaiClients)(
    'waits as long as it is told when its budget runs out amid an agent’s work, and goes on: %s',
    async (_, connect) => {
      const backend = { script: '1x ok, 1x slow(chunk-delay=20ms, chunks=100000)', completionTokens: 4 };
      const scene = await startKnown(client, [backend], { concurrent: 1 });
      const { given } = scene;
      const headers: Record<string, string> =
        'key' in given
          ? { 'api-key': given.key }
          : { 'api-key': '', authorization: `Bearer ${await given.token()}` };
      const aborter = new AbortController();
      // The tool takes the only place until the agent has been refused.
      const execute = async (asked: { readonly city: string }) => {
        await post(scene, chatPath, streamBody, { headers, signal: aborter.signal });
        void scene.log.request(2).then(() => aborter.abort());
        return weatherOf(asked);
      };
      const weather = tool({ name: 'get_weather', description: about, parameters: weatherSchema, execute });
      const modelProvider = new OpenAIProvider({ openAIClient: connect(scene, 3), useResponses: false });
      const agent = new Agent({ name: 'Forecaster', model: 'gpt-4o', tools: [weather] });
      const runner = new Runner({ modelProvider, tracingDisabled: true });
      const { finalOutput } = await runner.run(agent, 'get_weather({"city":"Oslo"}), please');
      expect(finalOutput).toBe('Hello from a.');
      const statuses = scene.log.requests.map(({ status, ending }) => `${String(status)} ${String(ending)}`);
      expect(statuses).toEqual(['200 complete', '429 complete', '200 abandoned', '200 complete']);
    },
  );
});
