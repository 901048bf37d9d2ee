import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Answers a request whose body has not been read yet. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that listens. */
export interface Listener {
  readonly url: string;
  readonly connections: number;
  /** Closes the port and every connection at once. */
  stop(): Promise<void>;
}

/** Listens on a port, 0 for any free one; rejects when the port cannot be had. */
export async function listen(handler: Handler, host: string, port: number): Promise<Listener> {
  // No idle connection is closed and no request timed out: a mock only does what its script says.
  const server = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true },
    handler,
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    get connections() {
      return sockets.size;
    },
    stop() {
      stopping ??= close(server, sockets);
      return stopping;
    },
  };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = [server, ...sockets].map((one) => once(one, 'close'));
  server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

/** Reads a body to its end; calls nothing when the client leaves before. */
export function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () =>
    done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
  );
  // A client that resets while it sends is no event of its own: the response's close tells it.
  request.on('error', () => {});
}
