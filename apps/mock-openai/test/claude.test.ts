import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMock } from '../src/start-mock.ts';
import type { Mock } from '../src/mock.ts';

const apiKey = 'secret';
const model = 'claude';
const max_tokens = 100;
const hello = [{ role: 'user' as const, content: 'Hello' }];
const tools: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
  { name: 'get_time', input_schema: { type: 'object', properties: {} } },
];
const question = [{ role: 'user' as const, content: 'Use get_weather({"city":"Oslo"}) and get_time.' }];

let mock: Mock;
let claude: Anthropic;
beforeAll(async () => {
  mock = await startMock({ name: 'sweden', apiKey, completionTokens: 12 });
  claude = new Anthropic({ baseURL: `${mock.url}/anthropic`, apiKey, maxRetries: 0 });
});
afterAll(() => mock.stop());

test('Claude’s SDK gets a message', async () => {
  const message = await claude.messages.create({ model, max_tokens, system: 'Be brief.', messages: hello });
  expect(message).toMatchObject({ type: 'message', role: 'assistant', model, stop_reason: 'end_turn' });
  expect(message.content).toEqual([
    { type: 'text', text: expect.stringContaining('Hello from sweden.') as string },
  ]);
  expect(message.usage.output_tokens).toBe(12);
  const counted = await claude.messages.countTokens({ model, system: 'Be brief.', messages: hello });
  expect(counted.input_tokens).toBe(message.usage.input_tokens);
});

test('Claude’s SDK gets a message as a stream, token by token', async () => {
  const stream = claude.messages.stream({ model, max_tokens, messages: hello });
  const texts: string[] = [];
  stream.on('text', (text) => texts.push(text));
  const message = await stream.finalMessage();
  expect(texts).toHaveLength(12);
  expect(message.content[0]).toMatchObject({ type: 'text', text: texts.join('') });
  expect(message.usage.output_tokens).toBe(12);
});

test('a message that may be shorter than the answer says so', async () => {
  const message = await claude.messages.create({ model, max_tokens: 5, messages: hello });
  expect([message.stop_reason, message.usage.output_tokens]).toEqual(['max_tokens', 5]);
});

test.each([false, true])(
  'Claude’s SDK is asked to run the tools that its user names, streamed: %s',
  async (isStream) => {
    const asked = { model, max_tokens, tools, messages: question };
    const message = isStream
      ? await claude.messages.stream(asked).finalMessage()
      : await claude.messages.create(asked);
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([
      { type: 'tool_use', name: 'get_weather', input: { city: 'Oslo' } },
      { type: 'tool_use', name: 'get_time', input: {} },
    ]);
  },
);

test('a tool whose input would be no object gets an empty one', async () => {
  const messages = [{ role: 'user' as const, content: 'Use get_weather("Oslo") and get_time(7).' }];
  const { content } = await claude.messages.create({ model, max_tokens, tools, messages });
  expect(content).toMatchObject([{ input: {} }, { input: {} }]);
});

test('the results of tools are answered with a text, and no call may lack its result', async () => {
  const { content } = await claude.messages.create({ model, max_tokens, tools, messages: question });
  const calls = content.filter((block) => block.type === 'tool_use');
  const results = calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: '7 °C' }));
  const turns = [...question, { role: 'assistant' as const, content }];
  const asked = { model, max_tokens, tools };
  const answer = await claude.messages.create({
    ...asked,
    messages: [...turns, { role: 'user', content: results }],
  });
  expect(answer.content).toMatchObject([{ type: 'text' }]);
  const lacking = claude.messages.create({
    ...asked,
    messages: [...turns, { role: 'user', content: results.slice(1) }],
  });
  await expect(lacking).rejects.toMatchObject({
    status: 400,
    error: { type: 'error', error: { type: 'invalid_request_error' } },
  });
});

test.each([
  [{ type: 'none' }, 'text'],
  [{ type: 'auto', disable_parallel_tool_use: true }, 'tool_use'],
  [{ type: 'tool', name: 'get_time' }, 'tool_use'],
] as const)('the tool choice %j of Claude’s API is kept', async (tool_choice, type) => {
  const asked = { model, max_tokens, tools, messages: question };
  const { content } = await claude.messages.create({ ...asked, tool_choice });
  expect(content).toMatchObject([{ type }]);
});

test('a message without its length, or with the wrong key, is refused', async () => {
  const post = (key: string) =>
    fetch(`${mock.url}/anthropic/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: JSON.stringify({ model, messages: hello }),
    });
  const response = await post(apiKey);
  expect([response.status, await response.json()]).toEqual([
    400,
    { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: Field required' } },
  ]);
  expect((await post('wrong')).status).toBe(401);
  expect(JSON.stringify(mock.requests)).not.toContain(apiKey);
});

test('a message spends its deployment’s quota', async () => {
  const limited = await startMock({ name: 'limited', quota: { [model]: { kind: 'standard', tpm: 1000 } } });
  const client = new Anthropic({ baseURL: `${limited.url}/anthropic`, apiKey, maxRetries: 0 });
  await client.messages.create({ model, max_tokens: 900, messages: hello });
  const refused = client.messages.create({ model, max_tokens: 900, messages: hello });
  await expect(refused).rejects.toMatchObject({ status: 429 });
  await limited.stop();
});
