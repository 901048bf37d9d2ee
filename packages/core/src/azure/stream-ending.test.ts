import { describe, expect, test } from 'vitest';
import { isCutShort } from './stream-ending.ts';

const event = (data: unknown, name = '') => ({
  name,
  data: typeof data === 'string' ? data : JSON.stringify(data),
});
const typed = (type: string, fields: object = {}) => event({ type, ...fields }, type);
const chunk = (...choices: object[]) => event({ object: 'chat.completion.chunk', choices });
const content = chunk({ index: 0, delta: { content: 'Hi' }, finish_reason: null });
const finish = chunk({ index: 0, delta: {}, finish_reason: 'stop' });
const usage = event({ choices: [], usage: { total_tokens: 3 } });
const annotation = chunk({ index: 0, content_filter_offsets: { check_offset: 1 }, finish_reason: null });
const failure = event({ error: { message: 'It broke.', type: 'server_error' } });
const done = event('[DONE]');
const keepalive = typed('keepalive', { sequence_number: 9 });

describe.each(['chat/completions', 'completions', 'models/chat/completions'])(
  'a stream of %s',
  (operation) => {
    test.each([
      ['[DONE]', [content, done]],
      ['[DONE] and a space', [content, event('[DONE] ')]],
      ['[DONE] and a word', [content, event('[DONE] bye')]],
      ['[DONE] and an event of a proxy', [content, done, event({ ms: 12 }, 'metrics')]],
      ['[DONE] and an empty event', [content, done, event('')]],
      ['an error', [content, failure]],
      ['a finish', [content, finish]],
      ['a finish and the usage', [content, finish, usage]],
      ['a finish and what the filter says', [content, finish, annotation, annotation]],
      ['a finish and a keepalive', [content, finish, keepalive]],
      [
        'a finish along with all of its content',
        [chunk({ delta: { content: 'Hi' }, finish_reason: 'stop' })],
      ],
      ['a finish that the filter made', [content, chunk({ index: 0, finish_reason: 'content_filter' })]],
      ['something of another dialect', [event({ response: 'Hi', done: true })]],
      ['text that is no JSON', [event('one')]],
    ])('is whole with %s', (_, events) => {
      expect(isCutShort(operation, { events })).toBe(false);
    });

    test.each([
      ['content', [content]],
      ['the usage of every chunk', [content, event({ choices: [], usage: null })]],
      ['its role', [chunk({ index: 0, delta: { role: 'assistant', content: '' } })]],
      ['a part of [DONE]', [content, finish, event('[DON')]],
      ['a part of the usage', [content, finish, event('{"choices":[],"usa')]],
      ['content that says [DONE]', [chunk({ delta: { content: '[DONE]' } })]],
      ['content that says how it finished', [chunk({ delta: { content: '"finish_reason":"stop"' } })]],
      ['a keepalive', [content, keepalive]],
      ['an empty reason for its finish', [chunk({ delta: { content: 'Hi' }, finish_reason: '' })]],
      ['the word null for its finish', [chunk({ delta: { content: 'Hi' }, finish_reason: 'null' })]],
      ['nothing', []],
    ])('is cut short after %s', (_, events) => {
      expect(isCutShort(operation, { events })).toBe(true);
    });

    test('is whole when all of its choices have ended, and only then', () => {
      expect(isCutShort(operation, { events: [content, finish], hasOpenChoice: true })).toBe(true);
      expect(isCutShort(operation, { events: [content], hasOpenChoice: false })).toBe(false);
    });

    test('whose last event is too long to be kept is told by its rest', () => {
      expect(isCutShort(operation, { events: [], fragment: 'xxx"},"finish_reason":"stop"}]}' })).toBe(false);
      expect(isCutShort(operation, { events: [usage], fragment: '"},"finish_reason": "stop"}]}' })).toBe(
        false,
      );
      for (const reason of ['null', '""', '"null"'])
        expect(isCutShort(operation, { events: [], fragment: `"},"finish_reason":${reason}}]}` })).toBe(true);
    });
  },
);

test.each([
  [false, 'message_stop', { type: 'message_stop' }],
  [false, 'error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
  [true, 'message_delta', { type: 'message_delta', delta: { stop_reason: 'end_turn' } }],
  [true, 'message_start', { type: 'message_start', message: {} }],
])('a stream of messages is cut short: %s, after %s', (isCut, name, data) => {
  expect(isCutShort('messages', { events: [event(data, name)] })).toBe(isCut);
});

describe.each(['responses', 'responses/resp_1'])('a stream of %s', (operation) => {
  test.each(['response.completed', 'response.failed', 'response.incomplete', 'error'])(
    'a stream is whole with %s, whatever follows',
    (type) => {
      expect(isCutShort(operation, { events: [typed(type)] })).toBe(false);
      expect(isCutShort(operation, { events: [event({ type })] })).toBe(false);
      expect(isCutShort(operation, { events: [typed(type), keepalive] })).toBe(false);
      expect(isCutShort(operation, { events: [typed(type), done] })).toBe(false);
    },
  );

  test.each([
    ['its beginning', [typed('response.created')]],
    ['its text', [typed('response.output_text.delta')]],
    ['one of its items', [typed('response.output_item.done')]],
    ['a search', [typed('response.web_search_call.completed')]],
    ['a keepalive', [typed('response.in_progress'), keepalive]],
    ['an event that only its data names', [event({ type: 'response.output_text.delta' })]],
  ])('a stream is cut short after %s', (_, events) => {
    expect(isCutShort(operation, { events })).toBe(true);
  });

  test('a stream counts as whole with an event that nobody knows yet', () => {
    expect(isCutShort(operation, { events: [typed('response.expired')] })).toBe(false);
  });

  test('a stream counts as whole when its last event is too long to be known, unless it lacks its end', () => {
    expect(isCutShort(operation, { events: [], fragment: 'xxx"}} ' })).toBe(false);
    expect(isCutShort(operation, { events: [keepalive], fragment: 'xxx' })).toBe(false);
    expect(isCutShort(operation, { events: [], fragment: 'xxx' })).toBe(true);
  });
});

test('a stream of responses is cut short inside its last event, and without any', () => {
  const half = event('{"type":"response.comp', 'response.completed');
  expect(isCutShort('responses', { events: [typed('response.output_text.delta'), half] })).toBe(true);
  expect(isCutShort('responses', { events: [] })).toBe(true);
});

test.each([
  ['message_stop', 'message_delta'],
  ['message_stop', 'content_block_delta'],
  ['speech.audio.done', 'speech.audio.delta'],
  ['transcript.text.done', 'transcript.text.delta'],
  ['image_generation.completed', 'image_generation.partial_image'],
  ['image_edit.completed', 'image_edit.partial_image'],
  ['thread.run.completed', 'thread.message.delta'],
  ['thread.run.failed', 'thread.run.step.created'],
  ['thread.run.requires_action', 'thread.run.in_progress'],
])('a stream ends with %s, and not with %s', (ending, before) => {
  expect(isCutShort('whatever', { events: [typed(before), typed(ending)] })).toBe(false);
  expect(isCutShort('whatever', { events: [typed(before), typed(ending), typed('ping')] })).toBe(false);
  expect(isCutShort('whatever', { events: [typed(before)] })).toBe(true);
  expect(isCutShort('whatever', { events: [typed(before), typed('ping')] })).toBe(true);
});

test.each([
  ['audio/speech', 'speech.audio.delta', 'speech.audio.done'],
  ['audio/transcriptions', 'transcript.text.delta', 'transcript.text.done'],
  ['images/generations', 'image_generation.partial_image', 'image_generation.completed'],
  ['messages', 'content_block_delta', 'message_stop'],
  ['threads/thread_1/runs', 'thread.message.delta', 'thread.run.completed'],
])('a stream of %s is cut short inside its last event, named or not', (operation, before, ending) => {
  for (const name of ['', before, ending]) {
    const half = event(`{"type":"${ending.slice(0, 9)}`, name);
    expect(isCutShort(operation, { events: [typed(before), half] })).toBe(true);
    expect(isCutShort(operation, { events: [half] })).toBe(true);
    expect(isCutShort('whatever', { events: [typed(before), half] })).toBe(true);
  }
});

test.each(['batches', 'threads/runs', 'responses/resp_1', '', undefined])(
  'how a stream of %j ends is not known unless its events tell it, so it does not count as cut short',
  (operation) => {
    expect(isCutShort(operation, { events: [] })).toBe(false);
    expect(isCutShort(operation, { events: [event('one')], fragment: 'xxx' })).toBe(false);
  },
);

test('a stream of something unknown is not cut short inside an event, nor behind any', () => {
  expect(isCutShort('batches', { events: [event('{"half')] })).toBe(false);
  expect(isCutShort(undefined, { events: [event('{"half')] })).toBe(false);
  expect(isCutShort('responses/compact', { events: [typed('response.compaction.done')] })).toBe(false);
});

test.each([
  'chat/completions',
  'completions',
  'responses',
  'messages',
  'audio/speech',
  'audio/transcriptions',
  'images/generations',
  'images/edits',
])('a stream of %s is cut short where it says nothing', (operation) => {
  expect(isCutShort(operation, { events: [] })).toBe(true);
  expect(isCutShort(operation, { events: [{ name: '', data: '' }] })).toBe(true);
  expect(isCutShort(operation, { events: [keepalive, typed('ping')] })).toBe(true);
});
