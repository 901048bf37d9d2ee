import OpenAI, { AzureOpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { question, startAgentScene, weatherJson, weatherOf } from './agent-scene.ts';
import type { Scene } from '../testing/start-scene.ts';
import type {
  ResponseFunctionToolCall,
  ResponseInput,
  ResponseInputItem,
  ResponseOutputItem,
} from 'openai/resources/responses/responses';

const ask = {
  model: 'gpt-5',
  store: false,
  include: ['reasoning.encrypted_content' as const],
  reasoning: { effort: 'low' as const },
  tools: [{ type: 'function' as const, name: 'get_weather', parameters: weatherJson, strict: true }],
};

// With the agent's own retries: content that only one backend can read has to wait for it.
const clients: readonly (readonly [string, (scene: Scene) => OpenAI])[] = [
  [
    'AzureOpenAI',
    ({ url }) => new AzureOpenAI({ apiKey: 'any', apiVersion: '2025-04-01-preview', endpoint: url }),
  ],
  ['OpenAI on v1', ({ url }) => new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1` })],
];

const shapes: readonly (readonly [string, (item: ResponseOutputItem) => object])[] = [
  ['as they came', (item) => item],
  [
    'without their ids',
    (item) => {
      const { id: _, ...rest } = item as ResponseOutputItem & { id?: string };
      return rest;
    },
  ],
];

function resultOf({ call_id, arguments: text }: ResponseFunctionToolCall): ResponseInputItem {
  return { type: 'function_call_output', call_id, output: weatherOf(JSON.parse(text)) };
}

/** An agent that keeps the whole history, sealed reasoning included; asks until no tool is called. */
function agentOf(client: OpenAI, shape: (item: ResponseOutputItem) => object, isStream: boolean) {
  const history: ResponseInput = [];
  return async (): Promise<string> => {
    history.push({ role: 'user', content: question });
    for (;;) {
      const call = { ...ask, input: history };
      const response = isStream
        ? await client.responses.stream(call).finalResponse()
        : await client.responses.create(call);
      expect(response.output[0]).toMatchObject({ encrypted_content: expect.any(String) });
      const output: readonly ResponseOutputItem[] = response.output;
      history.push(...(output.map(shape) as ResponseInput));
      const results = output.flatMap((item) => (item.type === 'function_call' ? [resultOf(item)] : []));
      history.push(...results);
      if (results.length === 0) return response.output_text;
    }
  };
}

describe.each(clients)('%s, with sealed reasoning', (_, connect) => {
  describe.each(shapes)('and its items %s,', (_, shape) => {
    test.each([
      ['whole', false],
      ['streamed', true],
    ])('goes on with the backend that sealed it when the first has recovered (%s)', async (_, isStream) => {
      const scene = await startAgentScene();
      const agent = agentOf(connect(scene), shape, isStream);
      scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
      expect(await agent()).toBe('Hello from b.');
      scene.mocks[0]?.setScript('ok');
      expect(await agent()).toBe('Hello from b.');
      expect(await agent()).toBe('Hello from b.');
    });

    test('waits for the backend that sealed it while that throttles and fails', async () => {
      const scene = await startAgentScene();
      const agent = agentOf(connect(scene), shape, false);
      expect(await agent()).toBe('Hello from a.');
      scene.mocks[0]?.setScript('1x throttle(retry-after-ms=1)');
      expect(await agent()).toBe('Hello from a.');
      scene.mocks[0]?.setScript('1x status(500)');
      expect(await agent()).toBe('Hello from a.');
    });
  });

  test('goes on after its conversation was compacted by the backend that is second now', async () => {
    const scene = await startAgentScene();
    const { responses } = connect(scene);
    scene.mocks[0]?.setScript('throttle(retry-after-ms=1)');
    const input: ResponseInput = [{ role: 'user', content: 'Hello' }];
    const { output } = await responses.compact({ model: ask.model, input });
    scene.mocks[0]?.setScript('ok');
    const history = [...(output as ResponseInput), { role: 'user' as const, content: 'And?' }];
    const { output_text: text } = await responses.create({ ...ask, tools: [], input: history });
    expect(text).toBe('Hello from b.');
  });
});
