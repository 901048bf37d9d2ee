import { expect, test } from 'vitest';
import { messageEnd } from './message-end.ts';

const sized = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
const bodiless = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

test.each([
  ['a body of known length', sized, sized.length],
  ['a chunked body', chunked, chunked.length],
  ['no body', bodiless, bodiless.length],
  ['a second message behind it', sized + bodiless, sized.length],
  ['a head without its end', 'HTTP/1.1 200 OK\r\ncontent-le', undefined],
  ['a body without its last byte', sized.slice(0, -1), undefined],
  ['chunks without the last one', chunked.slice(0, -5), undefined],
])('the bench finds the end of a message with %s', (_name, text, end) => {
  expect(messageEnd(Buffer.from(text))).toBe(end);
});
