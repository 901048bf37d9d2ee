import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { isAnnouncement, isKeepalive } from './stream-opening.ts';

const chunk = (...choices: unknown[]) => ({ id: 'x', object: 'chat.completion.chunk', choices });
const delta = (fields: object, rest: object = {}) => chunk({ index: 0, delta: fields, ...rest });
const isAnnounced = (data: unknown, name = '') =>
  isAnnouncement({ name, data: typeof data === 'string' ? data : JSON.stringify(data) });

test.each<[string, unknown]>([
  ['the prompt’s filter results', { ...chunk(), prompt_filter_results: [{ prompt_index: 0 }], usage: null }],
  ['the role', delta({ role: 'assistant', content: '', refusal: null }, { finish_reason: null })],
  ['the role alone', delta({ role: 'assistant' })],
  ['an empty delta', delta({})],
  ['an empty list of tool calls', delta({ tool_calls: [] })],
  ['a choice without a delta', chunk({ index: 0, content_filter_results: {}, finish_reason: null })],
  ['an annotation', chunk({ content_filter_results: {}, content_filter_offsets: { check_offset: 1 } })],
  ['the usage', { ...chunk(), usage: { total_tokens: 3 } }],
  ['an empty reason for its finish', delta({ content: '' }, { finish_reason: '' })],
  ['the word null for its finish', delta({ content: '' }, { finish_reason: 'null' })],
  ['no text yet', chunk({ index: 0, text: '', finish_reason: null })],
  ['an error that is null', { ...delta({}), error: null }],
  ['a part whose text is empty', delta({ content: [{ type: 'text', text: '' }] })],
  ['fields of its own that are empty', delta({ content: '', provider_specific_fields: { thinking: [] } })],
  ['choices that are none', chunk(null, 'x', 3)],
])('a chunk of a completion with %s says nothing yet', (_, data) => {
  expect(isAnnounced(data)).toBe(true);
});

test.each<[string, unknown]>([
  ['content', delta({ content: 'Hi' })],
  ['white space', delta({ content: ' ' })],
  ['a tool call', delta({ role: 'assistant', content: null, tool_calls: [{ index: 0 }] })],
  ['a function call', delta({ function_call: { name: 'f' } })],
  ['a refusal', delta({ refusal: 'I' })],
  ['a field of a model to come', delta({ reasoning_content: 'Hm' })],
  ['a finish', delta({}, { finish_reason: 'content_filter' })],
  ['a finish without a delta', chunk({ index: 0, finish_reason: 'stop' })],
  ['text', chunk({ index: 0, text: 'Hi' })],
  ['content of the second of two choices', chunk({ delta: {} }, { delta: { content: 'Hi' } })],
  ['an error', { ...chunk(), error: { message: 'overloaded' } }],
])('a chunk of a completion with %s says something', (_, data) => {
  expect(isAnnounced(data)).toBe(false);
});

const named = (type: string) => isAnnounced({ type, response: { status: 'in_progress', error: null } }, type);

test.each(['response.created', 'response.queued', 'response.in_progress'])(
  'an event of the Responses API says nothing yet: %s',
  (type) => {
    expect(named(type)).toBe(true);
    expect(isAnnounced({ type })).toBe(true);
  },
);

test.each(['response.output_item.added', 'response.output_text.delta', 'response.failed', 'error'])(
  'an event of the Responses API says something: %s',
  (type) => expect(named(type)).toBe(false),
);

test.each(['', ' ', '{}'])('an event of %j says nothing, unless it is called an error', (data) => {
  for (const name of ['', 'open', 'message']) expect(isAnnounced(data, name)).toBe(true);
  expect(isAnnounced(data, 'error')).toBe(false);
});

test('a chunk without choices says nothing yet', () => {
  expect(isAnnounced({ id: 'x', object: 'chat.completion.chunk', model: 'gpt-4o' })).toBe(true);
});

test.each(['[DONE]', 'no JSON', '[]', 'null', '1', '{"object":"thread.run"}', '{"choices":5}'])(
  'anything else, such as %j, says something',
  (data) => expect(isAnnounced(data)).toBe(false),
);

test('any event of a stream can be asked whether it is only an announcement', () => {
  const name = fc.constantFrom('', 'error', 'response.created');
  const choices = fc.record({ choices: fc.array(fc.jsonValue()) }).map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(name, fc.oneof(fc.json(), choices), (name, data) => {
      expect(typeof isAnnouncement({ name, data })).toBe('boolean');
    }),
  );
});

test.each(['keepalive', 'keep_alive', 'ping', 'Heart-Beat'])(
  'a %s says nothing, by its name or by its type',
  (type) => {
    expect(isAnnounced({ type, sequence_number: 1 }, type)).toBe(true);
    expect(isAnnounced({ type, sequence_number: 1 })).toBe(true);
  },
);

const added = (item: object) => ({ type: 'response.output_item.added', item });
const begun = (part: object) => ({ type: 'response.content_part.added', part });
const block = (content_block: object) => ({ type: 'content_block_start', index: 0, content_block });

test.each([
  added({ type: 'reasoning', id: 'rs_1', summary: [] }),
  added({ type: 'message', id: 'msg_1', status: 'in_progress', role: 'assistant', content: [] }),
  begun({ type: 'output_text', text: '', annotations: [] }),
  { type: 'response.reasoning_summary_part.added', part: { type: 'summary_text', text: '' } },
  block({ type: 'text', text: '' }),
  block({ type: 'thinking', thinking: '', signature: '' }),
  { type: 'content_block_stop', index: 0 },
  { type: 'response.output_item.done', item: { type: 'reasoning', id: 'rs_1', summary: [] } },
  { type: 'response.content_part.done', part: { type: 'output_text', text: '', annotations: [] } },
])('a part that is still empty says nothing yet: %j', (data) => {
  expect(isAnnounced(data)).toBe(true);
  expect(isAnnounced(data, data.type)).toBe(true);
});

test('a response that has failed as it began says so', () => {
  const data = { type: 'response.created', response: { status: 'failed' } };
  expect(isAnnounced(data, data.type)).toBe(false);
  expect(isAnnounced({ error: { code: 'server_error' } }, data.type)).toBe(false);
  expect(isAnnounced('Internal Server Error', data.type)).toBe(false);
});

test('a named announcement is not parsed, however long it is, unless it may have failed', () => {
  const parse = vi.spyOn(JSON, 'parse');
  const response = { status: 'in_progress', error: null, instructions: '"status":"failed"' };
  expect(isAnnounced({ type: 'response.created', response }, 'response.created')).toBe(true);
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});

test.each<[boolean, string, string]>([
  [true, 'ping', '{}'],
  [true, '', '{"type":"ping"}'],
  [true, '', '{ "type": "keepalive", "sequence_number": 3 }'],
  [false, '', '{"type":"response.created","metadata":{"type":"ping"}}'],
  [false, '', '{"choices":[]}'],
])('an event only keeps the connection alive: %j, of %j with %s', (expected, name, data) => {
  expect(isKeepalive({ name, data })).toBe(expected);
});

test.each([
  added({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] }),
  added({ type: 'reasoning', summary: [], encrypted_content: 'x' }),
  added({ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }),
  added({ type: 'function_call', name: 'f', arguments: '' }),
  added({ type: 'web_search_call', status: 'in_progress' }),
  begun({ type: 'output_text', text: 'Hi' }),
  block({ type: 'text', text: 'Hi' }),
  block({ type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
])('a part that has something, or does something, says that: %j', (data) => {
  expect(isAnnounced(data)).toBe(false);
  expect(isAnnounced(data, data.type)).toBe(false);
});
