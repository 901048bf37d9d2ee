import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { post } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { RunnableToolFunctionWithParse } from 'openai/lib/RunnableFunction';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import type { ResponseInputItem, Tool } from 'openai/resources/responses/responses';

const model = 'gpt-4o';
const parameters = {
  type: 'object',
  properties: { city: { type: 'string', minLength: 3 }, unit: { enum: ['C', 'F'] } },
  required: ['city', 'unit'],
  additionalProperties: false,
};
const names = ['get_weather', 'get_time'];
const chatTools: ChatCompletionTool[] = names.map((name) => ({
  type: 'function',
  function: { name, parameters },
}));
const tools: Tool[] = names.map((name) => ({ type: 'function', name, parameters, strict: true }));
const shown = { city: expect.stringMatching(/.{3}/), unit: expect.stringMatching(/^[CF]$/) };

const clientOf = ({ url }: { url: string }) =>
  new OpenAI({ apiKey: 'any', baseURL: `${url}/openai/v1`, maxRetries: 0 });
const asks = (content: string): ChatCompletionMessageParam[] => [{ role: 'user', content }];

/** The calls of a chat, by name and arguments. */
async function calledBy(message: string, rest: object = {}): Promise<unknown[]> {
  const mock = await start();
  const { choices } = await clientOf(mock).chat.completions.create({
    model,
    messages: asks(message),
    tools: chatTools,
    ...rest,
  });
  return (choices[0]?.message.tool_calls ?? []).map((call) =>
    call.type === 'function'
      ? [call.function.name, JSON.parse(call.function.arguments)]
      : [call.custom.name, call.custom.input],
  );
}

test('a chat that the user has the last word in calls the first tool, with arguments that fit its schema', async () => {
  expect(await calledBy('Hello')).toEqual([['get_weather', shown]]);
});

test('the tools that the user names are called, at once unless that is forbidden', async () => {
  const both = 'get_weather and get_time, please';
  expect(await calledBy(both)).toEqual([
    ['get_weather', shown],
    ['get_time', shown],
  ]);
  expect(await calledBy(both, { parallel_tool_calls: false })).toEqual([['get_weather', shown]]);
  expect(await calledBy('my_get_time is no tool, get_weather is')).toEqual([['get_weather', shown]]);
});

test('a tool is called with the arguments that the user gives it, as often as he does', async () => {
  const text = 'get_time({"city":"Oslo (Norway)"}) then get_time({"city":"Rome"})';
  expect(await calledBy(text)).toEqual([
    ['get_time', { city: 'Oslo (Norway)' }],
    ['get_time', { city: 'Rome' }],
  ]);
});

test.each([
  ['none', 'none', []],
  ['a name', { type: 'function', function: { name: 'get_time' } }, [['get_time', shown]]],
  [
    'tools that are allowed',
    { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [chatTools[1]] } },
    [['get_time', shown]],
  ],
])('tool_choice is obeyed when it is %s', async (_, choice, expected) => {
  expect(await calledBy('Hello', { tool_choice: choice })).toEqual(expected);
});

test('a tool that takes any text is called with a text', async () => {
  const custom = [{ type: 'custom', custom: { name: 'shell' } }];
  expect(await calledBy('shell("ls -l")', { tools: custom })).toEqual([['shell', 'ls -l']]);
});

test('a tool that is chosen and not there is a 400', async () => {
  const choice = { type: 'function', function: { name: 'fly' } };
  await expect(calledBy('Hello', { tool_choice: choice })).rejects.toMatchObject({
    status: 400,
    param: 'tool_choice',
  });
});

test.each<[string, object, string]>([
  ['no tool in its list', { tools: [] }, 'tools'],
  ['a choice of tools, and no tools', { tools: undefined, tool_choice: 'required' }, 'tool_choice'],
  ['a choice of tools that there is none of', { tool_choice: 'always' }, 'tool_choice'],
  ['a format that there is none of', { response_format: { type: 'xml' } }, 'response_format.type'],
  ['more texts to end before than four', { stop: ['1', '2', '3', '4', '5'] }, 'stop'],
])('a chat with %s is a 400', async (_, rest, param) => {
  await expect(calledBy('Hello', rest)).rejects.toMatchObject({ status: 400, param });
});

test('a response that has to call a tool, and has none, is a 400', async () => {
  const { responses } = clientOf(await start());
  const asked = responses.create({ model, input: 'Hello', tool_choice: 'required' });
  await expect(asked).rejects.toMatchObject({ status: 400, param: 'tool_choice' });
});

test('a call that tool_choice names ends with stop, any other with tool_calls', async () => {
  const { chat } = clientOf(await start());
  const ask = { model, messages: asks('Hello'), tools: chatTools };
  const named = { type: 'function', function: { name: 'get_time' } } as const;
  const reasons = await Promise.all(
    (['auto', 'required', named] as const).map(async (choice) => {
      const { choices } = await chat.completions.create({ ...ask, tool_choice: choice });
      return choices[0]?.finish_reason;
    }),
  );
  expect(reasons).toEqual(['tool_calls', 'tool_calls', 'stop']);
});

test('a streamed chat tells its calls in deltas, which the SDK puts together, and answers their results', async () => {
  const mock = await start({ name: 'eastus' });
  const done: string[] = [];
  const runnable = names.map((name): RunnableToolFunctionWithParse<{ city: string }> => ({
    type: 'function',
    function: {
      name,
      description: 'Tells something of a city.',
      parameters,
      parse: JSON.parse,
      function: ({ city }) => {
        done.push(`${name} ${city}`);
        return 'fine';
      },
    },
  }));
  const runner = clientOf(mock).chat.completions.runTools({
    model,
    stream: true,
    messages: asks('get_weather({"city":"Oslo"}) and get_time'),
    tools: runnable,
  });
  expect(await runner.finalContent()).toContain('Hello from eastus.');
  expect(done).toEqual(['get_weather Oslo', expect.stringMatching(/^get_time .{3}/)]);
  expect(mock.requests.length).toBe(2);
  const { messages } = JSON.parse(mock.requests[1]?.body ?? '');
  expect(messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'tool', 'tool']);
});

test('a chat with a call that has no result, or a result that has no call, is a 400', async () => {
  const { chat } = clientOf(await start());
  const { choices } = await chat.completions.create({ model, messages: asks('Hello'), tools: chatTools });
  const [message] = choices.map((choice) => choice.message);
  const [call] = message?.tool_calls ?? [];
  const result = { role: 'tool', tool_call_id: call?.id ?? '', content: 'fine' } as const;
  const open = [...asks('Hello'), message!, ...asks('Well?')];
  await expect(chat.completions.create({ model, messages: open })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(call?.id ?? '?'),
  });
  const orphan = [...asks('Hello'), result];
  await expect(chat.completions.create({ model, messages: orphan })).rejects.toMatchObject({ status: 400 });
});

test('a response calls tools and answers their results, continued by its id or by all of its items', async () => {
  const mock = await start({ name: 'eastus' });
  const { responses } = clientOf(mock);
  const input = 'get_weather({"city":"Oslo"}) and get_time';
  const first = await responses.create({ model, input, tools });
  const calls = first.output.filter((item) => item.type === 'function_call');
  expect(calls.map(({ name }) => name)).toEqual(names);
  expect(JSON.parse(calls[0]?.arguments ?? '')).toEqual({ city: 'Oslo' });
  const results = calls.map(({ call_id }): ResponseInputItem => ({
    type: 'function_call_output',
    call_id,
    output: 'fine',
  }));

  const previous = { model, tools, previous_response_id: first.id };
  const second = await responses.create({ ...previous, input: results });
  expect(second.output_text).toContain('Hello from eastus.');
  const whole: ResponseInputItem[] = [{ role: 'user', content: input }, ...calls, ...results];
  expect((await responses.create({ model, tools, input: whole })).output_text).toContain('Hello');
  await expect(responses.create({ ...previous, input: results.slice(1) })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(`No tool output found for function call ${calls[0]?.call_id}`),
  });
  await expect(responses.create({ model, input: results })).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('No tool call found'),
  });
});

test('a streamed response tells its calls event by event, as the SDK reads them', async () => {
  const { responses } = clientOf(await start());
  const stream = responses.stream({ model, input: 'get_weather({"city":"Oslo"})', tools });
  const types: string[] = [];
  let text = '';
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === 'response.function_call_arguments.delta') text += event.delta;
  }
  expect([...new Set(types)]).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.function_call_arguments.delta',
    'response.function_call_arguments.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(JSON.parse(text)).toEqual({ city: 'Oslo' });
  const [call] = (await stream.finalResponse()).output;
  expect(call).toMatchObject({ type: 'function_call', arguments: text, status: 'completed' });
});

test('tools that the service runs itself are not called', async () => {
  const mock = await start();
  const body = { model, input: 'Hello', tools: [{ type: 'web_search' }] };
  const response = await post(mock, '/openai/v1/responses', body);
  expect(await response.json()).toMatchObject({ output: [{ type: 'message' }] });
});
