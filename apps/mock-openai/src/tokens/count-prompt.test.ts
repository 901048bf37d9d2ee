import { expect, test } from 'vitest';
import { countChatPrompt, countContent, countInput } from './count-prompt.ts';

// The example of OpenAI's cookbook, "How to count tokens with tiktoken", with the counts that it prints.
const cookbook = [
  {
    role: 'system',
    content:
      'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
  },
  { role: 'system', name: 'example_user', content: 'New synergies will help drive top-line growth.' },
  {
    role: 'system',
    name: 'example_assistant',
    content: 'Things working well together will increase revenue.',
  },
  {
    role: 'system',
    name: 'example_user',
    content:
      "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
  },
  {
    role: 'system',
    name: 'example_assistant',
    content: "Let's talk later when we're less busy about how to do better.",
  },
  {
    role: 'user',
    content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
  },
];

test.each([
  ['o200k_base', 124],
  ['cl100k_base', 129],
] as const)(
  "the prompt counter counts the cookbook's chat in %s as OpenAI's API does",
  (encoding, tokens) => {
    expect(countChatPrompt(cookbook, undefined, encoding)).toBe(tokens);
  },
);

test('the prompt counter counts the texts of content parts, and an image as one of low detail', () => {
  const content = [
    { type: 'text', text: 'Hello' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
  ];
  expect(countContent(content, 'o200k_base')).toBe(1 + 85);
});

test('the prompt counter counts tools as their JSON', () => {
  const tools = [{ type: 'function', function: { name: 'weather' } }];
  const without = countChatPrompt(cookbook, undefined, 'o200k_base');
  const withTools = countChatPrompt(cookbook, tools, 'o200k_base');
  expect(withTools - without).toBe(countInput(JSON.stringify(tools), 'o200k_base'));
});

test.each([
  ['a text', 'Hello', 1],
  ['texts', ['Hello', 'Hello'], 2],
  ['tokens', [9906, 1917, 0], 3],
  ['lists of tokens', [[9906], [9906, 1917]], 3],
])('the prompt counter counts an input of %s', (_, input, tokens) => {
  expect(countInput(input, 'cl100k_base')).toBe(tokens);
});

test.each([[null], [42], ['text'], [{}]])(
  'the prompt counter takes the message %j as it comes',
  (message) => {
    expect(countChatPrompt([message], undefined, 'o200k_base')).toBe(6);
  },
);
