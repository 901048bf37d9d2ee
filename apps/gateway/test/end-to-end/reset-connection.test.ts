import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { resetConnection } from '../../src/connection/break-off.ts';

async function connectionPair() {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => void client.destroy());
  return { client, socket };
}

test('a peer sees a reset', async () => {
  const { client, socket } = await connectionPair();
  resetConnection(socket);
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
});

test('a connection that is being shut down is closed all the same', async () => {
  const { client, socket } = await connectionPair();
  client.on('error', () => {});
  socket.end();
  resetConnection(socket);
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});
