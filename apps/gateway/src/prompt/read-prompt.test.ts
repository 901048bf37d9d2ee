import { startMock } from '@spillway/mock-openai';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '../../test/testing/make-json.ts';
import { post } from '../../test/testing/post.ts';
import { spellJson } from '../../test/testing/spell-json.ts';
import { RequestContent } from '../route/request-content.ts';

const chat = 'chat/completions';

function needOf(operation: string, body: unknown) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return new RequestContent(operation, bytes).prompt?.estimate;
}

/** The estimated tokens of a body's text. */
function promptOf(body: object, operation = chat): number | undefined {
  return needOf(operation, body)?.promptTokens;
}

const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });
const picture = (detail?: string) => ({
  type: 'image_url',
  image_url: { url: `data:image/png;base64,${'QUJD'.repeat(10_000)}`, detail },
});

test.each<[number, string, string, object]>([
  [1, 'a text', chat, user('Hi')],
  [1, 'a text of four characters', chat, user('four')],
  [3, 'a text of Claude’s, and its instructions', 'messages', { ...user('Hi'), system: 'Be brief' }],
  [2, 'a text of five', chat, user('fiver')],
  [0, 'an empty text', chat, user('')],
  [0, 'no text', chat, user(null)],
  [
    3,
    'several messages, each in whole tokens',
    chat,
    { messages: [...user('Hello').messages, ...user('Hi').messages] },
  ],
  [
    3,
    'several parts',
    chat,
    user([
      { type: 'text', text: 'Hello' },
      { type: 'text', text: 'Hi' },
    ]),
  ],
  [0, 'no message', chat, { messages: [] }],
  [0, 'nothing', chat, {}],
  [0, 'what another operation calls its prompt', chat, { prompt: 'Hello', input: 'Hello' }],
  [
    2,
    'a call of a tool',
    chat,
    { messages: [{ tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{"a":1}' } }] }] },
  ],
  [765, 'an image, however many bytes it has', chat, user([picture()])],
  [
    1 + 765 + 85,
    'images in high and low detail',
    chat,
    user([{ type: 'text', text: 'Hi' }, picture('low'), picture('high')]),
  ],
  [0, 'a file', chat, user([{ type: 'file', file: { file_data: 'QUJD'.repeat(1000) } }])],
  [25, 'tools, by their bytes', chat, { tools: [{ type: 'function', function: { name: 'f'.repeat(57) } }] }],
  [0, 'an empty list of tools', chat, { tools: [] }],
  [2, 'a completion', 'completions', { prompt: 'Hello' }],
  [3, 'a list of completions', 'completions', { prompt: ['Hello', 'Hi'] }],
  [4, 'tokens', 'completions', { prompt: [1, 20, 300, 4000] }],
  [3, 'lists of tokens', 'embeddings', { input: [[1, 2], [3]] }],
  [3, 'texts to be embedded', 'embeddings', { input: ['Hello', 'Hi'] }],
  [2, 'the input of a response', 'responses', { input: 'Hello' }],
  [2, 'what is to be made compact', 'responses/compact', { input: 'Hello' }],
  [
    5,
    'instructions and items',
    'responses',
    {
      instructions: 'Be brief.',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }],
    },
  ],
  [
    85,
    'an image that is stored',
    'responses',
    { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1', detail: 'low' }] }] },
  ],
  [
    2,
    'what came of a tool',
    'responses',
    { input: [{ type: 'function_call_output', call_id: 'call_1', output: 'Hello' }] },
  ],
])('a prompt counts as %i tokens: %s', (expected, _, operation, body) => {
  expect(promptOf(body, operation)).toBe(expected);
});

test.each([
  ['letters of several bytes', 'éàü模型'],
  ['emojis, of two characters each', '🙂🙂'],
  ['escapes', '\\n\\"\\\\\\t\\/'],
  ['escapes in hex', '\\u0041\\u00e9\\ud83d\\ude42\\u006e'],
  ['half an emoji', '\\ud83d'],
])('a prompt is counted in characters, not in bytes: %s', (_, text) => {
  for (const times of [1, 4, 1000]) {
    const written = text.repeat(times);
    const { length } = JSON.parse(`"${written}"`) as string;
    expect(needOf(chat, `{"messages":[{"content":"${written}"}]}`)?.promptTokens).toBe(Math.ceil(length / 4));
  }
});

test.each(['words and ', 'слова и ', '模型🙂', '\n"'])(
  'megabytes of %j are counted within a part in a thousand',
  (text) => {
    const content = text.repeat(3_000_000 / text.length);
    const ratio = (promptOf(user(content)) ?? 0) / (content.length / 4);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.001);
  },
);

test.each<[number, string, string, object]>([
  [16, 'what Azure guesses', chat, {}],
  [100, 'max_tokens', chat, { max_tokens: 100 }],
  [100, 'max_completion_tokens', chat, { max_completion_tokens: 100, max_tokens: 5 }],
  [5, 'max_tokens, where the other is null', chat, { max_tokens: 5, max_completion_tokens: null }],
  [100, 'max_output_tokens', 'responses', { max_output_tokens: 100 }],
  [300, 'all of best_of', 'completions', { best_of: 3, max_tokens: 100 }],
  [16, 'the guess alone, though there is a best_of', 'completions', { best_of: 3 }],
  [16, 'a guess, where none is allowed', chat, { max_tokens: 0 }],
  [16, 'a guess, where it is a text', chat, { max_tokens: '100' }],
  [16, 'a guess, where it is a list', chat, { max_tokens: [100], x: 1 }],
  [2, 'whole tokens', chat, { max_tokens: 2.9 }],
  [0, 'none of embeddings', 'embeddings', { input: 'Hi', max_tokens: 100 }],
])('the longest answer is %i: %s', (expected, _, operation, body) => {
  expect(needOf(operation, body)?.outputTokens).toBe(expected);
});

test.each<[number, number, string, object]>([
  [100, 500, 'several answers', { n: 5, max_tokens: 100 }],
  [300, 500, 'more answers than the best are chosen from', { n: 5, best_of: 3, max_tokens: 100 }],
  [300, 300, 'fewer', { n: 2, best_of: 3, max_tokens: 100 }],
  [100, 100, 'no number of answers', { n: '5', max_tokens: 100 }],
  [100, 1_000_000_000, 'any number of answers', { n: 1e300, max_tokens: 100 }],
  [16, 80, 'several answers of no named length, which is 16 then', { n: 5 }],
  [16, 48, 'several prompts', { prompt: ['a', 'b', 'c'] }],
  [100, 300, 'an answer for each prompt', { prompt: ['a', 'b', '[1,"c"]'], max_tokens: 100 }],
  [100, 400, 'several answers for each', { prompt: [[1, 2], [3]], n: 2, max_tokens: 100 }],
  [200, 600, 'the best of several for each', { max_tokens: 100, best_of: 2, prompt: ['a', ['b', 'c'], 'd'] }],
  [100, 100, 'one prompt of tokens', { prompt: [1, 2, 3], max_tokens: 100 }],
  [100, 100, 'no prompt', { prompt: [], max_tokens: 100 }],
])(
  'of %d output tokens, as Azure estimates them, a request allows %d with %s',
  (estimated, allowed, _, body) => {
    const prompt = new RequestContent('completions', Buffer.from(JSON.stringify(body))).prompt;
    expect([prompt?.estimate.outputTokens, prompt?.allowedTokens]).toEqual([estimated, allowed]);
  },
);

function isOpen(operation: string, body: object): boolean | undefined {
  return new RequestContent(operation, Buffer.from(JSON.stringify(body))).prompt?.isOutputOpen;
}

test('only a completion is known not to be long where it does not say how long', () => {
  expect(isOpen('completions', { prompt: 'x' })).toBe(false);
  expect(isOpen(chat, user('x'))).toBe(true);
  expect(isOpen(chat, { ...user('x'), max_tokens: 5 })).toBe(false);
});

test.each([
  ['1e3', 1000],
  ['1e999', 1_000_000_000],
  ['-5', 16],
  ['12abc', 16],
])('the longest answer %s is read as JSON means it', (text, expected) => {
  expect(needOf(chat, `{"max_tokens":${text}}`)?.outputTokens).toBe(expected);
});

test.each<[number, number, string, string]>([
  [
    3,
    100,
    'the prompt and the longest answer',
    '{"m\\u0065ssages":[{"content":"Hello, you"}],"max_tok\\u0065ns":100}',
  ],
  [3, 16, 'a text', '{"messages":[{"c\\u006fntent":[{"typ\\u0065":"text","t\\u0065xt":"Hello, you"}]}]}'],
  [765, 16, 'an image', '{"messages":[{"content":[{"type":"image\\u005furl","image_url":{"url":"a"}}]}]}'],
  [5, 16, 'tools', '{"\\u0074ools":[{"name":"search ing"}]}'],
])('of %d prompt tokens and answers of %d at most, escapes hide nothing: %s', (tokens, longest, _, body) => {
  expect(needOf(chat, body)).toEqual({ promptTokens: tokens, outputTokens: longest });
});

test('the longest answer is not taken from within the prompt or a tool', () => {
  const body = {
    messages: [{ content: '"max_tokens":7', max_tokens: 8 }],
    tools: [{ parameters: { properties: { max_tokens: 9 } } }],
    max_tokens: 10,
  };
  expect(needOf(chat, body)?.outputTokens).toBe(10);
});

test.each([
  ['images/generations', '{"prompt":"Hello"}'],
  ['audio/speech', '{"input":"Hello"}'],
  ['', '{"messages":[]}'],
  [chat, ''],
  [chat, '[1]'],
  [chat, '--boundary\r\ncontent-disposition: form-data; name="messages"\r\n\r\nHi\r\n--boundary--'],
])('nothing is known of %j with the body %j', (operation, body) => {
  expect(new RequestContent(operation, Buffer.from(body)).prompt).toBeUndefined();
});

/** Any text: empty, short or some kilobytes long, in every script, with quotes, backslashes and line breaks. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('"', '\\', '\\"', 'C:\\temp\\', '{"text":"no"}', '🙂', 'é', '模型', '\u0000\n', '\ud83d'),
  fc
    .tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 400 }))
    .map(([some, times]) => some.repeat(times)),
);
const part = fc.oneof(
  fc.record({ type: fc.constantFrom('text', 'input_text', 'output_text'), text }),
  fc.record({ type: fc.constant('refusal'), refusal: text }),
);
const content = fc.oneof(text, fc.array(part, { maxLength: 4 }), fc.constant(null));
const message = fc.record(
  { role: fc.constantFrom('system', 'user', 'assistant'), content, name: text },
  { requiredKeys: ['role', 'content'] },
);
const messages = fc.array(message, { minLength: 1, maxLength: 5 });
const count = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constant(null));
const tokens = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 20 });
const input = fc.oneof(
  text,
  fc.array(text, { minLength: 1, maxLength: 5 }),
  tokens,
  fc.array(tokens, { minLength: 1, maxLength: 3 }),
);

/** Bodies for which the mock and the gateway charge the same parts. */
const calls = fc.oneof(
  fc.tuple(
    fc.constant(chat),
    fc.record(
      { messages, max_tokens: count, max_completion_tokens: count, user: text },
      { requiredKeys: ['messages'] },
    ),
  ),
  fc.tuple(
    fc.constant('completions'),
    fc.record(
      { prompt: input, max_tokens: count, best_of: fc.integer({ min: 1, max: 5 }) },
      { requiredKeys: ['prompt'] },
    ),
  ),
  fc.tuple(fc.constant('embeddings'), fc.record({ input, user: text }, { requiredKeys: ['input'] })),
  fc.tuple(
    fc.constant('responses'),
    fc.record(
      {
        model: fc.constant('gpt-4o'),
        input: fc.oneof(text, messages),
        instructions: text,
        max_output_tokens: count,
        store: fc.constant(false),
      },
      { requiredKeys: ['model', 'input', 'store'] },
    ),
  ),
);

const shuffled = (body: object, random: () => number) =>
  Object.fromEntries(
    Object.entries(body)
      .map((field) => [random(), field] as const)
      .sort(([a], [b]) => a - b)
      .map(([, field]) => field),
  );

test('the estimate is what the mock charges, however the body is spelled', async () => {
  const mock = await startMock({
    quota: { '*': { kind: 'standard', tpm: 1_000_000_000, rpm: false } },
    completionTokens: 1,
  });
  onTestFinished(() => mock.stop());
  let charged = 0;
  await fc.assert(
    fc.asyncProperty(calls, fc.integer(), async ([operation, body], seed) => {
      const random = seededRandom(seed);
      const json = spellJson(shuffled(body, random), random);
      const path =
        operation === 'responses'
          ? '/openai/v1/responses'
          : `/openai/deployments/gpt-4o/${operation}?api-version=2024-10-21`;
      const response = await post(mock, path, json);
      await response.arrayBuffer();
      const total = mock.quota.deployments['gpt-4o']?.tokens ?? 0;
      const estimate = needOf(operation, json);
      expect([response.status, total - charged]).toEqual([
        200,
        (estimate?.promptTokens ?? 0) + (estimate?.outputTokens ?? 0),
      ]);
      charged = total;
    }),
    { numRuns: 150 },
  );
});

/** The expected result of the walk over the bytes, calculated from the parsed prompt. */
function countParsed(value: unknown, isListed = true): number {
  if (typeof value === 'string') return isListed ? Math.ceil(value.length / 4) : 0;
  if (typeof value === 'number') return isListed ? 1 : 0;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return sum(value.map((one) => countParsed(one)));
  return sum(
    Object.entries(value).map(([key, one]) =>
      countParsed(one, typeof one === 'string' && ['content', 'text', 'arguments', 'output'].includes(key)),
    ),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const anything = fc.jsonValue({ maxDepth: 4 });
const strange = fc.record(
  {
    messages: fc.array(
      fc.oneof(
        fc.record({ role: text, content: anything, tool_calls: anything, text }, { requiredKeys: [] }),
        anything,
      ),
    ),
    model: text,
    metadata: anything,
    stop: anything,
    max_tokens: fc.integer({ min: 1, max: 1000 }),
  },
  { requiredKeys: ['messages', 'max_tokens'] },
);

test('the estimate is that of the parsed body, whatever is in it', () => {
  fc.assert(
    fc.property(strange, fc.integer(), (body, seed) => {
      const random = seededRandom(seed);
      const json = spellJson(shuffled(body, random), random);
      const parsed = JSON.parse(json) as typeof body;
      expect(needOf(chat, json)).toEqual({
        promptTokens: countParsed(parsed.messages),
        outputTokens: parsed.max_tokens,
      });
    }),
    { numRuns: 500 },
  );
});

test('whatever is broken is estimated as far as it goes', () => {
  expect(needOf(chat, '{"max_tokens":7,"messages":[{"content":"Hello')).toEqual({
    promptTokens: 2,
    outputTokens: 7,
  });
  fc.assert(
    fc.property(
      calls,
      fc.nat(),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))),
      ([operation, body], cut, changes) => {
        const bytes = Buffer.from(JSON.stringify(body));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const beginning = bytes.subarray(0, cut % (bytes.length + 1));
        const estimate = new RequestContent(operation, beginning).prompt?.estimate ?? {
          promptTokens: 0,
          outputTokens: 0,
        };
        expect(estimate.promptTokens).toBeGreaterThanOrEqual(0);
        expect(estimate.promptTokens).toBeLessThanOrEqual(bytes.length);
        expect(estimate.outputTokens).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 500 },
  );
});
