import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { callsOf, type Scene, startScene } from '../testing/start-scene.ts';

const model = 'claude';
const max_tokens = 100;
const messages = [{ role: 'user' as const, content: 'Hello' }];
const tools: Anthropic.Tool[] = [
  { name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
];

function connect({ url }: Scene): Anthropic {
  return new Anthropic({ baseURL: `${url}/anthropic`, apiKey: 'client-key', maxRetries: 0 });
}

describe.each([
  'throttle(retry-after=30)',
  'status(503)',
  'status(401)',
  'status(404)',
  'reset',
  'error(after-chunks=0)',
])('a backend that answers %s', (script) => {
  test('Claude’s SDK gets its message, plain and streamed, from another backend', async () => {
    const scene = await startScene([{ script: `2x ${script}` }, { completionTokens: 4 }]);
    const claude = connect(scene);
    const { data, response } = await claude.messages.create({ model, max_tokens, messages }).withResponse();
    expect(data.content).toEqual([{ type: 'text', text: 'Hello from b.' }]);
    expect(response.headers.get('x-spillway-backend')).toBe('b');
    const streamed = await claude.messages.stream({ model, max_tokens, messages }).finalMessage();
    expect(streamed.content).toEqual(data.content);
    expect(callsOf(scene)).toEqual([expect.any(Number), 2]);
  });
});

test('an agent with Claude’s SDK goes on with its tools while the first backend is throttled', async () => {
  const scene = await startScene([{ script: '1x ok, always throttle(retry-after=30)' }, {}]);
  const claude = connect(scene);
  const question = [{ role: 'user' as const, content: 'get_weather({"city":"Oslo"})' }];
  const { content } = await claude.messages.create({ model, max_tokens, tools, messages: question });
  const [call] = content.filter((block) => block.type === 'tool_use');
  expect(call?.input).toEqual({ city: 'Oslo' });
  const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: '7 °C' };
  const answer = await claude.messages.create({
    model,
    max_tokens,
    tools,
    messages: [...question, { role: 'assistant', content }, { role: 'user', content: [result] }],
  });
  expect(answer.content).toMatchObject([
    { type: 'text', text: expect.stringContaining('Hello from b.') as string },
  ]);
  expect(callsOf(scene)).toEqual([2, 1]);
});

test('tokens are counted by the backend that has them to count', async () => {
  const scene = await startScene([{ script: 'status(404)' }, {}]);
  const { input_tokens: counted } = await connect(scene).messages.countTokens({ model, messages });
  const { usage } = await connect(scene).messages.create({ model, max_tokens, messages });
  expect(counted).toBe(usage.input_tokens);
});
