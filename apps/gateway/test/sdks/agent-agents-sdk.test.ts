import { Agent, OpenAIProvider, Runner, tool } from '@openai/agents';
import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import {
  about,
  askThroughTrouble,
  question,
  spilled,
  startAgentScene,
  weatherOf,
  weatherSchema,
} from './agent-scene.ts';
import type { AgentInputItem, ModelSettings } from '@openai/agents';
import type { Scene } from '../testing/start-scene.ts';

const clients: readonly (readonly [string, (scene: Scene) => OpenAI])[] = [
  [
    'AzureOpenAI',
    ({ url }) => new AzureOpenAI({ apiKey: 'any', apiVersion: '2025-04-01-preview', endpoint: url }),
  ],
  ['OpenAI on v1', ({ url }) => new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1` })],
];

const weather = tool({
  name: 'get_weather',
  description: about,
  parameters: weatherSchema,
  execute: weatherOf,
});

/** An agent with one tool, and its runner; nothing is traced, as traces would be sent to OpenAI. */
function agentOf(openAIClient: OpenAI, useResponses: boolean, modelSettings: ModelSettings = {}) {
  const modelProvider = new OpenAIProvider({ openAIClient, useResponses });
  const agent = new Agent({
    name: 'Forecaster',
    instructions: 'Tell the weather.',
    model: 'gpt-4o',
    tools: [weather],
    modelSettings,
  });
  return { agent, runner: new Runner({ modelProvider, tracingDisabled: true }) };
}

const apis: readonly (readonly [string, boolean, ModelSettings])[] = [
  ['chat completions', false, {}],
  ['responses that are not stored', true, { store: false }],
];

describe.each(clients)('@openai/agents by %s', (_, connect) => {
  test.each(apis)(
    'runs its tools while the first backend throttles, fails and recovers, by %s',
    async (_, useResponses, settings) => {
      const scene = await startAgentScene();
      const { agent, runner } = agentOf(connect(scene), useResponses, settings);
      let history: AgentInputItem[] = [];
      const ask = async () => {
        const result = await runner.run(agent, [...history, { role: 'user', content: question }]);
        history = result.history;
        return String(result.finalOutput);
      };
      expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
      expect(history.filter(({ type }) => type === 'function_call_result').length).toBe(6);
    },
  );

  test.each(apis)(
    'streams while the first backend throttles, fails and recovers, by %s',
    async (_, useResponses, settings) => {
      const scene = await startAgentScene();
      const { agent, runner } = agentOf(connect(scene), useResponses, settings);
      const ask = async () => {
        const result = await runner.run(agent, question, { stream: true });
        let text = '';
        for await (const piece of result.toTextStream()) text += piece;
        expect(text).toBe(result.finalOutput);
        return text;
      };
      expect(await askThroughTrouble(scene, ask)).toEqual(spilled(2));
    },
  );

  test('continues what the second backend stored when the first has recovered', async () => {
    const scene = await startAgentScene();
    const { agent, runner } = agentOf(connect(scene), true);
    scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
    const first = await runner.run(agent, question);
    scene.mocks[0]?.setScript('ok');
    const next = await runner.run(agent, question, { previousResponseId: first.lastResponseId ?? '' });
    expect([first.finalOutput, next.finalOutput]).toEqual(['Hello from b.', 'Hello from b.']);
  });

  test('goes on with the backend that sealed its reasoning', async () => {
    const scene = await startAgentScene();
    const { agent, runner } = agentOf(connect(scene), true, {
      store: false,
      reasoning: { effort: 'low' },
      providerData: { include: ['reasoning.encrypted_content'] },
    });
    scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
    const first = await runner.run(agent, question);
    scene.mocks[0]?.setScript('ok');
    const next = await runner.run(agent, [...first.history, { role: 'user', content: question }]);
    expect([first.finalOutput, next.finalOutput]).toEqual(['Hello from b.', 'Hello from b.']);
  });
});
