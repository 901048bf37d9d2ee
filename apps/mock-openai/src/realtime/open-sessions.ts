import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Closing } from './read-closing.ts';

const goingAway = 1001;

/** The sessions of a mock that are open. */
export class OpenSessions {
  readonly #server = new WebSocketServer({ noServer: true });

  constructor(region: string) {
    this.#server.on('headers', (headers) =>
      headers.push(`apim-request-id: ${randomUUID()}`, `x-ms-region: ${region}`),
    );
  }

  /** Accepts an upgrade; if it is not a proper handshake, says at once what is wrong. */
  accept(
    request: IncomingMessage,
    connection: Socket,
    head: Buffer,
    accepted: (socket: WebSocket) => void,
    refused: (message: string) => void,
  ): void {
    const refuse = (error: Error) => refused(error.message);
    this.#server.once('wsClientError', refuse);
    this.#server.handleUpgrade(request, connection, head, accepted);
    this.#server.off('wsClientError', refuse);
  }

  /** Closes every session. */
  close({ code = goingAway, reason = '' }: Closing = {}): void {
    for (const socket of this.#server.clients) socket.close(code, reason);
  }
}
