import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { usualLength } from './usual-length.ts';

test.each<[string, string, boolean]>([
  ['a head alone', 'GET /a?b=c HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n', true],
  ['a body', 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello', true],
  ['no space after a colon', 'GET / HTTP/1.1\r\nHost:x\r\n\r\n', false],
  ['another request behind it', 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n', false],
  ['chunks', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', false],
])('of a request with %s it is what has come: %s', async (_, bytes, isUsual) => {
  const server = createServer((_req, res) => res.end()).listen(0, '127.0.0.1');
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const raw = Buffer.from(bytes, 'latin1');
  client.write(raw);
  const [req] = (await once(server, 'request')) as [IncomingMessage];
  expect(usualLength(req) === raw.length).toBe(isUsual);
  client.destroy();
});
