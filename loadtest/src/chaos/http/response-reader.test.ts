import { expect, test } from 'vitest';
import { ResponseReader } from './response-reader.ts';

/** Reads a text, at once and byte by byte, and returns the answers, which have to be the same. */
function read(text: string, end?: 'fin' | 'reset', isToHead = false) {
  const readers = [text.length, 1].map((step) => {
    const reader = new ResponseReader({ isToHead: () => isToHead });
    for (let at = 0; at < text.length; at += step)
      reader.push(Buffer.from(text.slice(at, at + step), 'latin1'));
    if (end !== undefined) reader.end(end);
    return reader;
  });
  const seen = readers.map(({ answers }) =>
    answers.map(({ status, bodyBytes, tail, isWhole }) => [
      status,
      bodyBytes,
      tail.toString('latin1'),
      isWhole,
    ]),
  );
  expect(seen[1]).toEqual(seen[0]);
  return seen[0];
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

test('an answer is whole when all of its length has come, and the next one begins behind it', () => {
  const one = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc';
  expect(read(`${one}${one}`)).toEqual([
    [200, 3, 'abc', true],
    [200, 3, 'abc', true],
  ]);
});

test('an answer of which some of the length is missing is not whole, however the connection ends', () => {
  const cut = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc';
  expect(read(cut)).toEqual([]);
  expect(read(cut, 'fin')).toEqual([[200, 3, 'abc', false]]);
  expect(read(cut, 'reset')).toEqual([[200, 3, 'abc', false]]);
});

test('chunks are read to the last one, their extensions and trailers left out', () => {
  const chunks = '2;a=b\r\nab\r\nA\r\n0123456789\r\n0\r\nx-trailer: 1\r\n\r\n';
  expect(read(`${CHUNKED}${chunks}`)).toEqual([[200, 12, 'ab0123456789', true]]);
});

test('chunks without the last one are not whole', () => {
  expect(read(`${CHUNKED}2\r\nab\r\n`, 'fin')).toEqual([[200, 2, 'ab', false]]);
  expect(read(`${CHUNKED}2\r\nab\r\n0\r\n`, 'fin')).toEqual([[200, 2, 'ab', false]]);
});

test('an answer of no length is whole when the connection is closed, and not when it is reset', () => {
  const open = 'HTTP/1.1 200 OK\r\n\r\nabc';
  expect(read(open, 'fin')).toEqual([[200, 3, 'abc', true]]);
  expect(read(open, 'reset')).toEqual([[200, 3, 'abc', false]]);
});

test('1xx are passed over, and answers to HEAD, 204 and 304 have no body', () => {
  const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nx: 1\r\n\r\n';
  expect(
    read(`${early}HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n`),
  ).toEqual([
    [204, 0, '', true],
    [304, 0, '', true],
  ]);
  expect(read('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', undefined, true)).toEqual([[200, 0, '', true]]);
});

test('what comes after a 101 is for the tunnel, even if it looks like an answer', () => {
  const tunnel: string[] = [];
  const reader = new ResponseReader({ onTunnel: (bytes) => tunnel.push(bytes.toString()) });
  reader.push(Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nHTTP/1.1 200'));
  reader.push(Buffer.from(' OK\r\n\r\n'));
  expect(tunnel.join('')).toBe('HTTP/1.1 200 OK\r\n\r\n');
  expect(reader.answers.map(({ status }) => status)).toEqual([101]);
});

test.each([
  ['no status line', 'HELLO\r\n\r\n', 'the status line is "HELLO"'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'the status line is'],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nx\r\n\r\n', 'a header is "x"'],
  ['a header with a line feed alone', 'HTTP/1.1 200 OK\r\nx: a\ny: b\r\n\r\n', 'a header is "x: a\\ny: b"'],
  [
    'two framings',
    `${CHUNKED.slice(0, -2)}Content-Length: 1\r\n\r\n`,
    'both Content-Length and Transfer-Encoding',
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'the length is 1, 2'],
  [
    'an unknown coding',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    'the transfer encoding is gzip',
  ],
  ['a chunk whose size is none', `${CHUNKED}g\r\n`, 'the size of a chunk is "g"'],
  ['a chunk that is longer than its size', `${CHUNKED}1\r\nab\r\n`, 'a chunk is followed by "b"'],
  ['a chunk line that ends with a line feed alone', `${CHUNKED}1\na\r\n`, 'a line between chunks is "1\\n"'],
])('an answer with %s is no HTTP', (_name, text, problem) => {
  expect(() => new ResponseReader().push(Buffer.from(text))).toThrow(problem);
});
