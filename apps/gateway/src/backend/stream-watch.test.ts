import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamWatch } from './stream-watch.ts';

const role = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
const content = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n';
const error = 'data: {"error":{"message":"It broke.","type":"server_error"}}\n\n';
const finishOf = (index: number) =>
  `data: {"choices":[{"index":${index},"delta":{},"finish_reason":"stop"}]}\n\n`;
const finish = finishOf(0);
const both =
  'data: {"choices":[{"index":0,"delta":{"content":"a"}},{"index": 1,"delta":{"content":"b"}}]}\n\n';
const longData = `data: ${'a'.repeat(2_000_000)}\n\n`;
const tools = 'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"x"}]}}]}\n\n';
const annotation = `data: {"choices":[{"index":0,"content_filter_results":{"x":"${'x'.repeat(100)}"}}]}\n\n`;
const done = 'data: [DONE]\n\n';

function watch(operation: string | undefined, ...chunks: (string | Buffer)[]): StreamWatch {
  const stream = new StreamWatch(operation);
  for (const chunk of chunks) stream.push(Buffer.from(chunk as string));
  return stream;
}

test('a stream of responses without an event is cut short, but not one whose last is too long to be kept', () => {
  expect(watch('responses', 'd').end()).toBe(true);
  const chunk = 'x'.repeat(3000);
  expect(watch('responses', chunk, chunk, chunk, chunk, chunk, 'x}'.repeat(1500)).end()).toBe(false);
});

test('a stream that has finished is whole although its usage behind that is long', () => {
  const usage = `data: {"choices":[],"usage":{"searched":"${'x'.repeat(30_000)}"}}\n\n`;
  const halves = [usage.slice(0, 16_384), usage.slice(16_384)];
  expect(watch('chat/completions', ...Array(20).fill(content), finish, ...halves).end()).toBe(false);
  expect(watch('chat/completions', ...Array(20).fill(content), ...halves).end()).toBe(true);
});

test('no more than 32 KB of a stream’s end is kept, however few its chunks are', () => {
  const long = `: ${'x'.repeat(20_000)}\n\n`;
  expect(watch('chat/completions', content, finish, long).end()).toBe(false);
  expect(watch('chat/completions', content, finish, long, long).end()).toBe(true);
  expect(watch('chat/completions', content, long + long + finish).end()).toBe(false);
  expect(watch('chat/completions', content, long + long, finish).end()).toBe(false);
});

test.each([
  ['behind a role', 'chat/completions', role],
  ['at once', 'chat/completions', ''],
  ['behind a ping', 'chat/completions', 'data: {"type":"ping"}\n\n'],
  ['behind a comment', 'completions', ': keep-alive\n\n'],
  ['behind an announcement', 'responses', 'data: {"type":"response.created","response":{}}\n\n'],
])('a stream that ends %s before it says anything has made nothing', (_, operation, beginning) => {
  expect(watch(operation, beginning, done).opening).toEqual({ kind: 'cut-short' });
  expect(watch(operation, beginning + done).opening).toEqual({ kind: 'cut-short' });
});

test('a stream with content has made something, and one that only ends may be anything unless it is a completion', () => {
  expect(watch('chat/completions', role, content, done).opening).toMatchObject({ kind: 'event' });
  expect(watch('responses/resp_1', done).opening).toMatchObject({ kind: 'event' });
});

test.each(['{"choices":[]}', '\n \n[{"error":{}}]'])(
  'what begins as %j is no stream, whatever it says',
  (bytes) => {
    const stream = watch('chat/completions', ...bytes.split(''));
    expect(stream.isNone).toBe(true);
    expect(stream.end()).toBe(false);
  },
);

test('white space before a stream says nothing about it', () => {
  const stream = watch('chat/completions', '\n'.repeat(20), `${'\n'.repeat(20)}${content}{`);
  expect(stream.isNone).toBe(false);
  expect(stream.opening).toMatchObject({ kind: 'event' });
});

test('what a stream begins with is its first event that is no announcement', () => {
  const stream = watch('chat/completions', role);
  expect(stream.opening).toBeUndefined();
  stream.push(Buffer.from(content + error));
  expect(stream.opening).toEqual({ kind: 'event', event: { name: '', data: content.slice(6, -2) } });
  stream.push(Buffer.from(error));
  expect(stream.opening).toMatchObject({ event: { data: content.slice(6, -2) } });
});

test('what a stream begins with is that it was cut short, if it ends before', () => {
  const stream = watch('chat/completions', role);
  expect(stream.end()).toBe(true);
  expect(stream.opening).toEqual({ kind: 'cut-short' });
});

test('what a stream begins with stays open once nobody waits for it', () => {
  const stream = watch('chat/completions', role);
  stream.stopReading();
  stream.push(Buffer.from(content));
  expect(stream.opening).toBeUndefined();
});

test.each<[boolean, string, string[]]>([
  [false, 'with [DONE]', [content, done]],
  [false, 'with [DONE] and no blank line', [content, 'data: [DONE]']],
  [false, 'with [DONE] in CRLF', [content, 'data: [DONE]\r\n\r\n']],
  [false, 'with an error', [content, error]],
  [true, 'with content', [content]],
  [true, 'inside an event', [content, 'data: {"choi']],
  [false, 'with content after [DONE], which nobody reads', [done, content]],
  [false, 'with a finish', [content, finish]],
  [false, 'with each of two choices', [both, finishOf(1), content, finishOf(0)]],
  [true, 'with one of two choices', [both, content, finishOf(1)]],
  [false, 'with an event too long to be kept, behind two choices', [both, longData, finishOf(1), finish]],
  [true, 'with one of two choices whose content came first', [both, finishOf(0), both]],
  [true, 'with one of two choices whose index is cut', [content, both.slice(0, 60), both.slice(60), finish]],
  [true, 'with one of two choices, byte by byte', [...`${content}${both}${finish}`]],
  [false, 'with both of two choices, byte by byte', [...`${both}${finish}${finishOf(1)}`]],
  [false, 'with a finish after two tool calls', [tools, finish]],
  [false, 'with much after its finish', [content, finish, ...Array.from({ length: 20 }, () => annotation)]],
  [true, 'with nothing', []],
])('a stream that has ended is cut short: %j, %s', (expected, _, chunks) => {
  expect(watch('chat/completions', ...chunks).end()).toBe(expected);
});

test('a stream that has ended is told by its last event, wherever its bytes are cut', () => {
  const long = `data: {"choices":[{"delta":{"content":"${'x'.repeat(9000)}"}}]}\n\n`;
  const lengths = fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.constantFrom(content, long), fc.boolean(), lengths, (last, isWhole, lengths) => {
      const bytes = Buffer.from(role + content + last + (isWhole ? done : ''));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const length of lengths) {
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      expect(watch('chat/completions', ...chunks, bytes.subarray(at)).end()).toBe(!isWhole);
    }),
  );
});

test('a stream that has ended byte by byte is told too', () => {
  const bytes = [...`${role}${content}${done}`];
  expect(watch('chat/completions', ...bytes).end()).toBe(false);
  expect(watch('chat/completions', ...bytes.slice(0, -4)).end()).toBe(true);
});

test('a stream that has ended of responses counts as whole if its last event is longer than what is kept', () => {
  const delta =
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hi"}\n\n';
  const completed = `event: response.completed\ndata: {"type":"response.completed","x":"${'x'.repeat(9000)}"}\n\n`;
  expect(watch('responses', delta).end()).toBe(true);
  expect(watch('responses', delta, completed).end()).toBe(false);
  expect(watch('responses', delta, ...(completed.match(/[^]{1,500}/g) ?? [])).end()).toBe(false);
});

test('a stream that has ended of responses is cut short within a last event that is longer than what is kept', () => {
  const completed = `event: response.completed\ndata: {"type":"response.completed","x":"${'x'.repeat(9000)}`;
  expect(watch('responses', ...(completed.match(/[^]{1,500}/g) ?? [])).end()).toBe(true);
});

test.each(['', '\n', '\r\n'])('what a stream begins with is an event that ends with %j only', (end) => {
  const stream = watch('chat/completions', role, error.trimEnd() + end);
  expect(stream.opening).toBeUndefined();
  expect(stream.end()).toBe(false);
  expect(stream.opening).toEqual({ kind: 'event', event: { name: '', data: error.slice(6, -2) } });
});
