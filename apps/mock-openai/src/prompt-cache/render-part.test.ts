import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderMessage, renderSchemas } from './render-part.ts';

const textOf = (message: unknown) => renderMessage(message, 1).text;
const image = (url: string, detail?: string) => ({ type: 'image_url', image_url: { url, detail } });

test('what differs in anything at all is written in another way', () => {
  const messages = [
    { role: 'user', content: 'Hello' },
    { role: 'system', content: 'Hello' },
    { role: 'user', content: 'Hello', name: 'Ann' },
    { role: 'user', content: [{ type: 'text', text: 'Bye' }] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_1' }] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_2' }] },
    { role: 'user', content: [image('https://one')] },
    { role: 'user', content: [image('https://other')] },
    { role: 'user', content: [image('https://one', 'high')] },
    { role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] },
    'Hello',
    null,
  ];
  expect(new Set(messages.map(textOf)).size).toBe(messages.length);
  const schemas = [
    [undefined, [{}]],
    [[{}], undefined],
    [undefined, undefined],
  ];
  expect(new Set(schemas.map((schema) => renderSchemas(schema, 1).text)).size).toBe(3);
});

test('the order of its fields makes no difference to a message', () => {
  expect(textOf({ content: 'Hello', role: 'user' })).toBe(textOf({ role: 'user', content: 'Hello' }));
});

test('an image is as long as its 85 tokens, however many megabytes it has', () => {
  const url = `data:image/png;base64,${'A'.repeat(1_000_000)}`;
  const message = { role: 'user', content: [{ type: 'input_image', image_url: url }] };
  expect(textOf(message)).toMatch(/^"user"\n[0-9a-f]{320}\n\{\}\n$/);
});

test('a prompt of any JSON can be rendered for the cache', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(textOf(value)).toMatch(/\n$/);
      expect(textOf({ role: value, content: value })).toMatch(/\n$/);
      expect(textOf({ role: 'user', content: [value] })).toMatch(/\n$/);
    }),
  );
});
