import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** A backend that accepts every session, whatever its path. */
export interface SessionBackend {
  readonly url: string;
  /** Waits for the next session: its socket, and its request as received. */
  next(): Promise<{ readonly socket: WebSocket; readonly request: IncomingMessage }>;
}

/** Starts such a backend, until the test ends. */
export async function startSessionBackend(options: ServerOptions = {}): Promise<SessionBackend> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async next() {
      const [socket, request] = (await once(server, 'connection')) as [WebSocket, IncomingMessage];
      return { socket, request };
    },
  };
}
