import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editBody } from '../body/body-edit.ts';
import { canIncludeUsage, includeUsage } from './include-usage.ts';

const edit = (body: string) => editBody(Buffer.from(body), includeUsage(Buffer.from(body))).toString();

test.each([
  ['{"stream":true}', '{"stream":true,"stream_options":{"include_usage":true}}'],
  [' { "stream" : true } \n', ' { "stream" : true ,"stream_options":{"include_usage":true}} \n'],
  ['\u{feff}{"stream":true}', '\u{feff}{"stream":true,"stream_options":{"include_usage":true}}'],
  ['{"str\\u0065am":true}', '{"str\\u0065am":true,"stream_options":{"include_usage":true}}'],
  ['{"stream_options":null,"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
  ['{"stream_options":{},"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
  [
    '{"stream":true,"stream_options":{ "a": 1 }}',
    '{"stream":true,"stream_options":{"include_usage":true, "a": 1 }}',
  ],
  [
    '{"stream":true,"stream_options":{"include_usage":false}}',
    '{"stream":true,"stream_options":{"include_usage":true}}',
  ],
  [
    '{"stream":true,"stream_options":{"a":{},"include_us\\u0061ge" : null }}',
    '{"stream":true,"stream_options":{"a":{},"include_us\\u0061ge" : true }}',
  ],
])('a stream is asked for its usage: %s', (body, expected) => {
  expect(edit(body)).toBe(expected);
});

test.each([
  '{"stream":false}',
  '{"stream":"true"}',
  '{"messages":[{"stream":true}]}',
  '{"stream":true,"stream_options":{"include_usage":true}}',
  '{"stream":true,"stream_options":{"include_usage":"yes"}}',
  '{"stream":true,"stream_options":[]}',
  '{"stream":true,"stream_options":"x"}',
  '{"stream":true,"data_sources":[]}',
  '{"stream":true',
  '{"stream":true} {}',
  '[{"stream":true}]',
  '',
])('what is the client’s or the backend’s to say is left as it is: %s', (body) => {
  expect(edit(body)).toBe(body);
});

test.each([
  '{"stream":true,"stream":false}',
  '{"stream":true,"stream":true}',
  '{"stream":true,"str\\u0065am":false}',
  '{"stream":false,"stream":true}',
  '{"stream":false,"str\\u0065am":true}',
  '{"stream":true,"stream_options":{"include_usage":true,"include_usage":false}}',
  '{"stream":true,"stream_options":null,"stream_options":{}}',
])(
  'what says twice whether it is a stream is refused, as it would not be asked for its usage: %s',
  (body) => {
    expect(() => edit(body)).toThrow('more than once');
  },
);

test('whatever else a body has is as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(4), (other, space) => {
      const { data_sources: _, dataSources: __, stream_options: ___, ...rest } = other;
      const body = JSON.stringify({ ...rest, stream: true }, undefined, space);
      const expected = { ...rest, stream: true, stream_options: { include_usage: true } };
      expect(JSON.parse(edit(body))).toEqual(JSON.parse(JSON.stringify(expected)));
    }),
  );
});

test.each([
  ['chat/completions', '/openai/v1/chat/completions', true],
  ['completions', '/openai/v1/completions?api-version=preview', true],
  ['chat/completions', '/api/projects/p/openai/v1/chat/completions', true],
  ['chat/completions', '/openai/deployments/a/chat/completions?api-version=2024-10-21', true],
  ['chat/completions', '/openai/deployments/a/chat/completions?x=y&api-version=2024-09-01-preview', true],
  ['chat/completions', '/openai/deployments/a/chat/completions?%61pi%2Dversion=2024-10-21', true],
  ['chat/completions', '/openai/deployments/a/chat/completions?x=%25&API-Version=2024%2D10%2D21', true],
  ['chat/completions', '/openai/deployments/a/chat/completions?api%2Dversion=2024-02-01', false],
  ['chat/completions', '/openai/deployments/a/chat/completions?x=%', false],
  ['chat/completions', '/openai/deployments/a/chat/completions?api-version=2024-08-01-preview', false],
  ['chat/completions', '/openai/deployments/a/chat/completions', false],
  ['chat/completions', '/models/chat/completions?api-version=2025-05-01-preview', false],
  ['responses', '/openai/v1/responses', false],
])('it is known which API has the option: %s at %s', (operation, path, expected) => {
  expect(canIncludeUsage(operation, path)).toBe(expected);
});
