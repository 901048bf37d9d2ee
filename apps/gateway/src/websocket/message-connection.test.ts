import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { KeptBytes } from '../overload/kept-bytes.ts';
import { loadParts } from './load-parts.ts';
import { MessageConnection } from './message-connection.ts';

const kept = new KeptBytes(1_000_000);

/** Returns a client's socket, and the connection at its other end. */
async function connectClient(): Promise<{ client: Socket; connection: MessageConnection }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => void socket.destroy());
  const connection = new MessageConnection(socket, true, await loadParts(), { maxMessageBytes: 1000, kept });
  connection.pause();
  return { client, connection };
}

/** Returns masked frames without content. */
function frames(opcode: number, count: number): Buffer {
  return Buffer.alloc(6 * count, Buffer.from([0x80 | opcode, 0x80, 0, 0, 0, 0]));
}

test.each([
  ['pings', 0x9],
  ['pongs', 0xa],
])('%s are not counted as kept', async (_, opcode) => {
  const { client, connection } = await connectClient();
  client.resume().write(frames(opcode, 20_000));
  client.write(Buffer.from([0x89, 0x81, 0, 0, 0, 0, 0x21]));
  const last = new Promise<void>((resolve) => {
    connection.readBy({
      onMessage() {},
      onClose() {},
      onPing: (data) => data.length > 0 && resolve(),
      onEnd() {},
    });
  });
  connection.resume();
  await last;
  await new Promise(setImmediate);
  expect(kept.total).toBe(0);
});

test('no more than one chunk of tiny messages is read before others have a turn', async () => {
  const { client, connection } = await connectClient();
  const count = 100_000;
  client.write(frames(0x1, count));
  let all = 0;
  let most = 0;
  let inTurn = 0;
  const done = new Promise<void>((resolve) => {
    connection.readBy({
      onMessage() {
        most = Math.max(most, ++inTurn);
        if (++all === count) resolve();
      },
      onClose() {},
      onEnd() {},
    });
  });
  const nextTurn = () => {
    inTurn = 0;
    if (all < count) setImmediate(nextTurn);
  };
  nextTurn();
  connection.resume();
  await done;
  expect(most).toBeLessThanOrEqual(Math.ceil(65_536 / 6) + 1);
});
