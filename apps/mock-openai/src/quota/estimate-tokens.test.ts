import { expect, test } from 'vitest';
import { chatSize, completionSize, embeddingSize, estimatePrompt, responseSize } from './estimate-tokens.ts';
import type { CallSize } from './estimate-tokens.ts';

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
const sizes: [string, (body: Record<string, unknown>) => CallSize, Record<string, unknown>, CallSize][] = [
  ['no messages', chatSize, {}, { prompt: [], maxTokens: undefined }],
  ['broken messages', chatSize, { messages: [7, null, {}] }, { prompt: [], maxTokens: undefined }],
  [
    'messages',
    chatSize,
    { messages: [{ content: 'a' }, { content: 'b' }] },
    { prompt: ['a', 'b'], maxTokens: undefined },
  ],
  [
    'parts with an image',
    chatSize,
    { messages: [{ content: [{ type: 'text', text: 'a' }, image] }] },
    { prompt: ['a'], maxTokens: undefined },
  ],
  ['max_tokens', chatSize, { max_tokens: 9 }, { prompt: [], maxTokens: 9 }],
  [
    'max_completion_tokens',
    chatSize,
    { max_completion_tokens: 8, max_tokens: 9 },
    { prompt: [], maxTokens: 8 },
  ],
  ['a max_tokens that is none', chatSize, { max_tokens: -1 }, { prompt: [], maxTokens: undefined }],
  ['a max_tokens beyond all', chatSize, { max_tokens: Infinity }, { prompt: [], maxTokens: 1_000_000_000 }],
  ['a prompt', completionSize, { prompt: 'abc' }, { prompt: ['abc'], maxTokens: undefined }],
  [
    'best_of',
    completionSize,
    { prompt: ['a', 'b'], max_tokens: 5, best_of: 3 },
    { prompt: ['a', 'b'], maxTokens: 15 },
  ],
  ['an input', embeddingSize, { input: 'abc' }, { prompt: ['abc'], maxTokens: 0 }],
  ['inputs', embeddingSize, { input: ['a', 'b'], max_tokens: 9 }, { prompt: ['a', 'b'], maxTokens: 0 }],
  ['tokens', embeddingSize, { input: [1, 2, 3] }, { prompt: [3], maxTokens: 0 }],
  ['lists of tokens', embeddingSize, { input: [[1], [2, 3]] }, { prompt: [1, 2], maxTokens: 0 }],
];

test.each(sizes)('%s are read for what they will spend', (_, read, body, size) => {
  expect(read(body)).toEqual(size);
});

test('a prompt is estimated by its characters, each part rounded up', () => {
  expect(estimatePrompt(['12345', '1', '', 10], 4)).toBe(2 + 1 + 0 + 10);
  expect(estimatePrompt(['12345'], 2.5)).toBe(2);
});

test.each([
  [{ input: 'Hello', max_output_tokens: 7 }, ['Hello'], 7],
  [{ input: 'Hello', instructions: 'Be brief.' }, ['Be brief.', 'Hello'], undefined],
  [
    {
      input: [
        { role: 'user', content: 'One' },
        { role: 'user', content: [{ type: 'input_text', text: 'Two' }] },
      ],
    },
    ['One', 'Two'],
    undefined,
  ],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }], max_output_tokens: 0 }, [], undefined],
  [{}, [], undefined],
])('a response of %j has the prompt %j and asks for %s tokens', (body, prompt, maxTokens) => {
  expect(responseSize(body)).toEqual({ prompt, maxTokens });
});
