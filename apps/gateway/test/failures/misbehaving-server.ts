import type { Socket } from 'node:net';
import { startRawBackend } from '../testing/start-backend.ts';
import type { RowServer } from './failure-row.ts';

/** The server's next move: sending these bytes, or something else. */
export type Move =
  | string
  /** Waits until it is told to continue. */
  | 'WAIT'
  /** Ends its half of the connection (FIN). */
  | 'END'
  /** Resets the connection (RST). */
  | 'RESET';

/**
 * Returns a function that starts a server with these moves for every request, on a kept connection unless a move ends
 * it.
 */
export function moves(...moves: readonly Move[]): () => Promise<RowServer> {
  return async () => {
    const told = Promise.withResolvers<void>();
    const act = async (socket: Socket) => {
      for (const move of moves) {
        if (move === 'WAIT') await told.promise;
        else if (move === 'END') socket.end();
        else if (move === 'RESET') socket.resetAndDestroy();
        else await send(socket, move);
      }
    };
    const { url } = await startRawBackend((socket) => onEachRequest(socket, () => void act(socket)));
    return { url, goOn: () => told.resolve() };
  };
}

function send(socket: Socket, bytes: string): Promise<void> {
  return new Promise((resolve) => socket.write(Buffer.from(bytes, 'latin1'), () => resolve()));
}

/**
 * Calls back whenever another request is complete. It understands only the HTTP that the gateway sends: a head and a
 * length.
 */
function onEachRequest(socket: Socket, callback: () => void): void {
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const end = received.indexOf('\r\n\r\n') + 4;
    const length = Number(received.match(/^content-length: (\d+)/im)?.[1] ?? 0);
    if (end < 4 || received.length < end + length) return;
    received = received.slice(end + length);
    callback();
  });
}
