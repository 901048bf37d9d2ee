import { describe, expect, test } from 'vitest';
import { isCutShort } from './stream-ending.ts';

const event = (data: unknown, name = '') => ({
  name,
  data: typeof data === 'string' ? data : JSON.stringify(data),
});
const finish = event({ choices: [{ delta: {}, finish_reason: 'stop' }] });
const failure = event({ error: { message: 'It broke.', type: 'server_error' } });

describe.each(['chat/completions', 'completions'])('a stream of %s', (operation) => {
  test('is whole with [DONE], or an error', () => {
    expect(isCutShort(operation, event('[DONE]'))).toBe(false);
    expect(isCutShort(operation, failure)).toBe(false);
  });

  test.each([
    ['a finish', finish],
    ['a part of [DONE]', event('[DON')],
    ['content that says [DONE]', event({ choices: [{ delta: { content: '[DONE]' } }] })],
    ['nothing', undefined],
  ])('is cut short after %s', (_, last) => {
    expect(isCutShort(operation, last)).toBe(true);
  });
});

describe.each(['responses', 'responses/resp_1'])('a stream of %s', (operation) => {
  test.each(['response.completed', 'response.failed', 'response.incomplete', 'error'])(
    'is whole with %s',
    (type) => {
      expect(isCutShort(operation, event({ type }, type))).toBe(false);
      expect(isCutShort(operation, event({ type }))).toBe(false);
    },
  );

  test('is whole with [DONE], which some add', () => {
    expect(isCutShort(operation, event('[DONE]'))).toBe(false);
  });

  test.each([
    ['its beginning', event({ type: 'response.created' }, 'response.created')],
    ['its text', event({ type: 'response.output_text.delta' }, 'response.output_text.delta')],
    ['half of its last event', event('{"type":"response.comp', 'response.completed')],
  ])('is cut short after %s', (_, last) => {
    expect(isCutShort(operation, last)).toBe(true);
  });

  test('counts as whole when its last event is too long to be known', () => {
    expect(isCutShort(operation, undefined)).toBe(false);
  });
});

test.each(['threads/runs', 'images/generations', 'audio/transcriptions', '', undefined])(
  'how a stream of %j ends is not known, so it never counts as cut short',
  (operation) => {
    expect(isCutShort(operation, finish)).toBe(false);
    expect(isCutShort(operation, undefined)).toBe(false);
  },
);
