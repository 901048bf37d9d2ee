import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { relay, type RelayedBody } from '../../src/response/relay.ts';

/** The body of an answer that its backend broke off before anybody read it. */
const broken: RelayedBody = {
  isEmpty: false,
  readBy: (reader) => reader.fail(),
  resume: () => {},
  abort: () => {},
};

test.each([
  ['a 204', 'GET', 204],
  ['a 304', 'GET', 304],
  ['an answer to HEAD', 'HEAD', 200],
])('%s reaches its client though its backend breaks off behind the head', async (_, method, status) => {
  const server = createServer((_req, res) => {
    const head = { status, statusMessage: undefined, headers: ['x-spillway-backend', 'a'] };
    const client = { hasLeft: false, current: undefined };
    void relay(head, broken, res, { client, maxResponseMs: undefined });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method });
  expect([response.status, response.headers.get('x-spillway-backend')]).toEqual([status, 'a']);
});
