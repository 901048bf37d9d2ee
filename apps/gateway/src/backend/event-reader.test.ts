import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventReader } from './event-reader.ts';

function readAll(...chunks: (string | Buffer)[]) {
  const reader = new EventReader();
  return chunks.flatMap((chunk) => reader.read(Buffer.from(chunk as string)));
}

test.each<[string, string, { name: string; data: string }[]]>([
  ['data alone', 'data: a\n\n', [{ name: '', data: 'a' }]],
  ['a name', 'event: error\ndata: a\n\n', [{ name: 'error', data: 'a' }]],
  ['no space after the colon', 'event:error\ndata:a\n\n', [{ name: 'error', data: 'a' }]],
  ['more than one space', 'data:  a\n\n', [{ name: '', data: ' a' }]],
  ['several lines of data', 'data: a\ndata: b\n\n', [{ name: '', data: 'a\nb' }]],
  ['colons in the data', 'data: {"a":"b: c"}\n\n', [{ name: '', data: '{"a":"b: c"}' }]],
  ['line separators of Unicode', 'data: a\u2028b\n\n', [{ name: '', data: 'a\u2028b' }]],
  ['a field without a value', 'data\n\n', [{ name: '', data: '' }]],
  ['comments and other fields', ': ping\n\nid: 1\nretry: 5\ndata: a\n\n', [{ name: '', data: 'a' }]],
  ['a name without data, which is no event', 'event: ping\n\ndata: a\n\n', [{ name: '', data: 'a' }]],
  ['several events', 'data: a\n\n\ndata: b\n\n', ['a', 'b'].map((data) => ({ name: '', data }))],
  ['CRLF', 'event: x\r\ndata: a\r\n\r\n', [{ name: 'x', data: 'a' }]],
  ['CR', 'event: x\rdata: a\r\r', [{ name: 'x', data: 'a' }]],
  [
    'all of them',
    'event: x\rdata: a\r\ndata: b\n\r\ndata: c\n\n',
    [
      { name: 'x', data: 'a\nb' },
      { name: '', data: 'c' },
    ],
  ],
  ['an event that is not over', 'data: a\n\ndata: b\n', [{ name: '', data: 'a' }]],
])('the events of a stream are read from %s', (_, text, expected) => {
  expect(readAll(text)).toEqual(expected);
});

test('an event is read with the chunk that ends it, though a CR may be half of the end', () => {
  const reader = new EventReader();
  expect(reader.read(Buffer.from('data: a\r\n\r'))).toHaveLength(1);
  expect(reader.read(Buffer.from('\ndata: b\r\n'))).toHaveLength(0);
  expect(reader.read(Buffer.from('\r\n'))).toEqual([{ name: '', data: 'b' }]);
});

const LONG = 'a'.repeat(65_536);

test.each([
  ['in one line', `data: ${LONG}`, LONG],
  ['in many lines', `data: ${LONG}\n`, `data: ${LONG}\n`],
])('of an event of a gigabyte %s nothing is kept, and those behind it are read', (_, first, more) => {
  const reader = new EventReader();
  const [beginning, chunk] = [Buffer.from(first), Buffer.from(more)];
  expect(reader.read(beginning)).toEqual([]);
  // More than a text can hold.
  for (let count = 0; count < 16_384; count++) reader.read(chunk);
  expect(reader.hasSkipped).toBe(true);
  expect(reader.read(Buffer.from('\n\ndata: b\n\n'))).toEqual([{ name: '', data: 'b' }]);
});

test('it does not matter where the bytes are cut', () => {
  const line = fc.oneof(
    fc.constantFrom('', 'data: a', 'event: error', ': comment', 'data: {"text":"Grüße 👋 \u2028"}', 'data'),
    fc.string().filter((text) => !/[\r\n]/.test(text)),
  );
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')))
    .map((lines) => lines.flat().join(''));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(40)), (text, cuts) => {
      const bytes = Buffer.from(text);
      const chunks: Buffer[] = [];
      let at = 0;
      for (const length of cuts) {
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      chunks.push(bytes.subarray(at));
      expect(readAll(...chunks)).toEqual(readAll(bytes));
    }),
  );
});
