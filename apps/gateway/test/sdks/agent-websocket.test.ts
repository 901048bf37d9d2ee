import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
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
import type { Scene } from '../testing/start-scene.ts';

async function say(client: OpenAI): Promise<string> {
  const socket = new ResponsesWS(client);
  socket.send({ type: 'response.create', model: 'gpt-4o', input: 'Hello', store: false });
  let text = '';
  for await (const event of socket.stream()) {
    if (event.type !== 'message') continue;
    if (event.message.type === 'response.output_text.delta') text += event.message.delta;
    if (event.message.type === 'response.completed') break;
  }
  socket.close();
  return text;
}

const clientOf = ({ url }: Scene) => new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1` });

test('openai opens its sessions while the first backend throttles, fails and recovers', async () => {
  const scene = await startAgentScene();
  const ask = () => say(clientOf(scene));
  expect(await askThroughTrouble(scene, ask)).toEqual(spilled(1, 101));
});

test('@openai/agents runs its tools in sessions while the first backend throttles, fails and recovers', async () => {
  const scene = await startAgentScene();
  const execute = weatherOf;
  const weather = tool({ name: 'get_weather', description: about, parameters: weatherSchema, execute });
  const agent = new Agent({ name: 'Forecaster', model: 'gpt-4o', tools: [weather] });
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
