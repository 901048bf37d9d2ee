import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { UsageFilter } from './usage-filter.ts';

/** Passes a text in chunks that end at the given places. */
function filter(text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const stream = new UsageFilter();
  const passed: Buffer[] = [];
  let start = 0;
  for (const cut of [...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b)) {
    // The filter must not rely on a chunk that is overwritten later.
    const chunk = Buffer.from(bytes.subarray(start, cut));
    passed.push(Buffer.from(stream.write(chunk)));
    chunk.fill(0);
    start = cut;
  }
  return Buffer.concat([...passed, stream.end()]).toString();
}

const first = (usage: string) =>
  `data: {"choices":[],"created":0,"id":"","prompt_filter_results":[{"prompt_index":0}]${usage}}\n\n`;
const chunk = (content: string, usage: string) =>
  `data: {"choices":[{"delta":{"content":${JSON.stringify(content)}},"index":0}],"id":"x"${usage}}\n\n`;
const last = 'data: {"choices":[],"id":"x","usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n';
const done = 'data: [DONE]\n\n';

function stream(withUsage: boolean): string {
  const none = withUsage ? ',"usage":null' : '';
  return [
    first(none),
    ': keep-alive\n\n',
    chunk('Hi "usage":null, ü 🎉', none),
    ': alive\n',
    `event: x\nid: 1\n${chunk('{"choices":[],"usage":{}}', none)}`,
    withUsage ? last : '',
    done,
  ].join('');
}

test.each([
  ['\n', stream],
  ['\r\n', (withUsage: boolean) => stream(withUsage).replaceAll('\n', '\r\n')],
  ['\r', (withUsage: boolean) => stream(withUsage).replaceAll('\n', '\r')],
])(
  'a stream with its usage becomes the one without it, wherever its bytes are cut: lines end in %j',
  (_, make) => {
    const expected = make(false);
    const asked = make(true);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), (cuts) => {
        expect(filter(asked, cuts)).toBe(expected);
      }),
    );
    expect(filter(asked, Array.from(Buffer.from(asked).keys()))).toBe(expected);
  },
);

test.each([
  ['a member with space around it', 'data: { "id": "x", "usage": null }\n\n', 'data: { "id": "x" }\n\n'],
  ['the first member', 'data: {"usage": null, "id":"x"}\n\n', 'data: {"id":"x"}\n\n'],
  ['the only member', 'data: {"usage":null}\n\n', 'data: {}\n\n'],
  ['one of several lines', 'data: {"a":1,\ndata: "usage":null}\n\n', 'data: {"a":1}\n\n'],
  ['no space before the data', 'data:{"a":1,"usage":null}\n\n', 'data:{"a":1}\n\n'],
  ['the last chunk without a blank line', `${chunk('a', '')}${last.trim()}`, chunk('a', '')],
  [
    'results of the filter beside the usage',
    'data: {"choices":[],"prompt_filter_results":[],"usage":{"prompt_tokens":1}}\n\n',
    'data: {"choices":[],"prompt_filter_results":[]}\n\n',
  ],
])('only what was asked for is taken out: %s', (_, text, expected) => {
  expect(filter(text)).toBe(expected);
});

test.each([
  ['a usage beside a choice', 'data: {"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}\n\n'],
  ['a usage that is not the chunk’s', 'data: {"a":{"usage":null}}\n\n'],
  ['what is no JSON', 'data: "usage":null\n\ndata: {"usage":null\n\n'],
  ['an error', 'data: {"error":{"message":"usage","code":null}}\n\n'],
  ['nothing', ''],
  ['a comment that never ends', ': "usage":null'],
])('all else passes as it is: %s', (_, text) => {
  expect(filter(text)).toBe(text);
});

test('a stream that consists of anything passes whole, but for its usage', () => {
  const piece = fc.constantFrom(
    'data: ',
    '{',
    '}',
    '"a":1',
    ',',
    '\n',
    '\r',
    '\r\n',
    ':',
    'id: 1',
    '[DONE]',
    'ü',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 20 }), (pieces, cuts) => {
      expect(filter(pieces.join(''), cuts)).toBe(pieces.join(''));
    }),
  );
});

test('what is no event yet is not held back, and a comment never is', () => {
  const stream = new UsageFilter();
  expect(stream.write(Buffer.from(': alive\n')).toString()).toBe(': alive\n');
  expect(stream.write(Buffer.from('data: {"a"')).toString()).toBe('');
  expect(stream.write(Buffer.from(':1}\n\n')).toString()).toBe('data: {"a":1}\n\n');
});

test('an event that is longer than any passes as it comes', () => {
  const stream = new UsageFilter();
  const text = `data: {"a":"${'x'.repeat(3_000_000)}","usage":null}\n\n`;
  const passed = [text.slice(0, 2_000_000), text.slice(2_000_000)].map((part) =>
    stream.write(Buffer.from(part)),
  );
  expect(passed.map(({ length }) => length > 0)).toEqual([true, true]);
  expect(Buffer.concat(passed).toString()).toBe(text);
  expect(stream.write(Buffer.from('data: {"a":1,"usage":null}\n\n')).toString()).toBe('data: {"a":1}\n\n');
});

test.each([
  ['data: {"choices":[{"delta":{"con', 'data: {"choices":[{"delta":{"con'],
  ['data: {"choices":[],"usage":{"prom', ''],
])(
  'of a stream that breaks off what has come of an event passes, but not of the last: %s',
  (text, expected) => {
    const stream = new UsageFilter();
    stream.write(Buffer.from(text));
    expect(stream.fail().toString()).toBe(expected);
  },
);
