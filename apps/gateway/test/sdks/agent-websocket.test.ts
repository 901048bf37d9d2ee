import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import type { Response, ResponseInput, ResponsesClientEvent } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import {
  about,
  askThroughTrouble,
  question,
  spilled,
  startAgentScene,
  weatherOf,
  weatherSchema,
} from './agent-scene.ts';
import { startGatewayFor, startScene } from '../testing/start-scene.ts';

type Create = Omit<ResponsesClientEvent.ResponseCreate, 'type'>;

const hello = { model: 'gpt-4o', input: 'Hello', store: false };

/** Requests responses, one after another in one session. */
async function askInSession(client: OpenAI, ...asked: readonly Create[]): Promise<Response[]> {
  const socket = new ResponsesWS(client);
  const events = socket.stream();
  const responses: Response[] = [];
  for (const ask of asked) {
    socket.send({ type: 'response.create', ...ask });
    for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }) {
      if (event.type === 'error') throw event.error;
      if (event.type !== 'message' || event.message.type !== 'response.completed') continue;
      responses.push(event.message.response);
      break;
    }
  }
  socket.close();
  return responses;
}

function textOf({ output }: Response): string {
  return output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('');
}

async function say(client: OpenAI, ...asked: readonly Create[]): Promise<string> {
  return textOf((await askInSession(client, ...asked)).at(-1)!);
}

const clientOf = ({ url }: { readonly url: string }) =>
  new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1` });

test('openai opens its sessions while the first backend throttles, fails and recovers', async () => {
  const scene = await startAgentScene();
  const ask = () => say(clientOf(scene), hello);
  expect(await askThroughTrouble(scene, ask)).toEqual(spilled(1, 101));
});

const quota = 'gpt-4o=standard(tpm=100000, rpm=6)';

test('openai is served by the second backend when the first has no quota for what its session asks for', async () => {
  const scene = await startScene([{ quota, completionTokens: 4 }, { completionTokens: 4 }]);
  const client = clientOf(scene);
  expect(await say(client, hello)).toBe('Hello from a.');
  expect(await say(client, hello)).toBe('Hello from b.');
  expect(scene.mocks.map(({ counters }) => counters.byStatus)).toEqual([{ 101: 2 }, { 101: 1 }]);
});

test('openai calls deployments by its own names in every message of a session', async () => {
  const deployments = ['prod'];
  const backend = { deployments: { 'gpt-4o': 'prod' } };
  const named = { deployments, backend, completionTokens: 4 };
  const scene = await startScene([{ ...named, script: 'throttle(retry-after=20)' }, named]);
  expect(await say(clientOf(scene), hello, hello)).toBe('Hello from b.');
});

test('openai continues, in a session of its own, what the second backend stored', async () => {
  const scene = await startAgentScene();
  const client = clientOf(scene);
  scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
  const stored = { ...hello, store: true };
  const [first] = await askInSession(client, stored);
  scene.mocks[0]?.setScript('ok');
  expect(await say(client, { ...stored, previous_response_id: first!.id })).toBe('Hello from b.');
  // A gateway without any memory asks the backends.
  const { url } = await startGatewayFor(
    scene.mocks.map(({ url }, index) => ({ url, apiKey: `key-${'ab'[index]}`, priority: index + 1 })),
  );
  const other = clientOf({ url });
  expect(await say(other, { ...stored, previous_response_id: first!.id })).toBe('Hello from b.');
});

test('openai brings sealed reasoning back, in a session of its own, to the backend that sealed it', async () => {
  const scene = await startAgentScene();
  const client = clientOf(scene);
  const ask = {
    ...hello,
    model: 'gpt-5',
    include: ['reasoning.encrypted_content' as const],
    reasoning: { effort: 'low' as const },
  };
  scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
  const [, second] = await askInSession(client, ask, ask);
  scene.mocks[0]?.setScript('ok');
  expect(second!.output[0]).toMatchObject({ encrypted_content: expect.any(String) });
  // With their ids stripped, as some clients do.
  const items = second!.output.map((item) => ({ ...item, id: undefined })) as unknown as ResponseInput;
  const input = [...items, { role: 'user' as const, content: 'And?' }];
  expect(await say(client, { ...ask, input })).toBe('Hello from b.');
});

test('openai is told by an error of its own kind when no backend can serve its session', async () => {
  const script = 'throttle(retry-after=20)';
  const scene = await startScene([{ script }, { script }]);
  await expect(say(clientOf(scene), hello)).rejects.toThrow(/recovers in 20 seconds/);
});

test('@openai/agents runs its tools in sessions while the first backend throttles, fails and recovers', async () => {
  const scene = await startAgentScene();
  const execute = weatherOf;
  const weather = tool({ name: 'get_weather', description: about, parameters: weatherSchema, execute });
  const modelSettings = { store: false };
  const agent = new Agent({ name: 'Forecaster', model: 'gpt-4o', modelSettings, tools: [weather] });
  const ask = async () => {
    const openAIClient = clientOf(scene);
    const modelProvider = new OpenAIProvider({ openAIClient, useResponsesWebSocket: true });
    const runner = new Runner({ modelProvider, tracingDisabled: true });
    const { finalOutput } = await runner.run(agent, question, { stream: false });
    await modelProvider.close();
    return String(finalOutput);
  };
  expect(await askThroughTrouble(scene, ask)).toEqual(spilled(1, 101));
});
