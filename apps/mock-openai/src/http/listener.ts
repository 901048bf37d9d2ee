import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Answers a request whose body has not been read yet. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers a client that wants a WebSocket; `head` is the data after its headers. */
type UpgradeHandler = (request: IncomingMessage, connection: Socket, head: Buffer) => void;

/** A server that listens. */
export interface Listener {
  readonly url: string;
  readonly connections: number;
  /** Has every new connection inspected, before anything is read from it. */
  onConnection(greet: (socket: Socket) => void): void;
  /** Accepts upgrades to WebSocket; without it they are requests like any other, as other upgrades always are. */
  onUpgrade(serve: UpgradeHandler): void;
  /** Closes the port and every idle connection, until it accepts again; open requests go on. */
  refuse(): void;
  /** Opens the port again; if another process has taken it meanwhile, as soon as it is free. */
  accept(): void;
  /** Closes the port and every connection at once. */
  stop(): Promise<void>;
}

const backlog = 4096;
const retryMs = 50;

/** Listens on a port, 0 for any free one; rejects when the port is not available. */
export async function listen(handler: Handler, host: string, port: number): Promise<Listener> {
  // No idle connection is closed and no request times out: a mock only does what its script says.
  const server: Server = createServer(
    {
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      noDelay: true,
      // Java's client asks every server for h2c: that is no reason not to answer it.
      shouldUpgradeCallback: ({ headers }) =>
        server.listenerCount('upgrade') > 0 && headers.upgrade?.toLowerCase() === 'websocket',
    },
    handler,
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog }, resolve);
  });
  const { port: actualPort } = server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  const gate = makeGate(server, { host, port: actualPort, backlog });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    get connections() {
      return sockets.size;
    },
    onConnection: (greet) => void server.on('connection', greet),
    onUpgrade: (serve) =>
      void server.on('upgrade', (request, connection, head) => serve(request, connection as Socket, head)),
    refuse: gate.close,
    accept: gate.open,
    stop() {
      gate.close();
      stopping ??= close(server, sockets);
      return stopping;
    },
  };
}

/** Closes and opens a server's port again and again; it listens already. */
function makeGate(
  server: Server,
  at: { readonly host: string; readonly port: number; readonly backlog: number },
): { readonly close: () => void; readonly open: () => void } {
  let isWanted = true;
  let isOpening = false;
  let retry: NodeJS.Timeout | undefined;
  const close = () => {
    isWanted = false;
    clearTimeout(retry);
    if (server.listening) server.close();
  };
  const open = () => {
    isWanted = true;
    if (isOpening || server.listening) return;
    isOpening = true;
    server.listen(at);
  };
  server.on('listening', () => {
    isOpening = false;
    if (!isWanted) server.close();
  });
  server.on('error', () => {
    isOpening = false;
    if (isWanted) retry = setTimeout(open, retryMs);
  });
  return { close, open };
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = [server, ...sockets].map((one) => once(one, 'close'));
  server.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

/** The maximum length of a body, and the action on a longer one as soon as that is known. */
export interface BodyLimit {
  readonly bytes: number;
  /** Receives the length: the one that the client stated, or else the one received so far. */
  readonly exceeded: (bytes: number) => void;
}

/** Reads a body to its end; calls nothing when the client leaves earlier. Bytes beyond the limit are not kept. */
export function readBody(request: IncomingMessage, done: (body: Buffer) => void, limit?: BodyLimit): void {
  // A client that resets while it sends causes no event of its own: the response's close reports it.
  request.on('error', () => {});
  const maxBytes = limit?.bytes ?? Infinity;
  const toldBytes = Number(request.headers['content-length'] ?? 0);
  if (toldBytes > maxBytes) {
    limit?.exceeded(toldBytes);
    request.resume();
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    const isExceeded = bytes > maxBytes;
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else if (!isExceeded) {
      chunks.length = 0;
      limit?.exceeded(bytes);
    }
  });
  request.on('end', () => {
    if (bytes > maxBytes) return;
    done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
  });
}
