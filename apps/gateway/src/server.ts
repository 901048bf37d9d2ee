import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import type { Config } from './config/schema.ts';
import { type ErrorName, errors } from './errors.ts';
import { messageClassesOf } from './express-messages.ts';
import { asksForSession } from './realtime/asks-for-session.ts';
import type { ProxySession } from './realtime/proxy-session.ts';
import { readAsPlain } from './realtime/read-as-plain.ts';
import { refuseSocket } from './response/refuse-socket.ts';

/** The HTTP server that clients connect to. */
export interface ListeningServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no new connections, lets running requests finish for at most `patienceMs`, then cuts them off. */
  drain(patienceMs: number): Promise<void>;
}

/** Starts the HTTP server: its limits on clients, and its answers to what never becomes a request. */
export async function listen(
  app: Express,
  proxySession: ProxySession,
  { host, port, timeouts, limits }: Config,
): Promise<ListeningServer> {
  const server = createServer(
    {
      ...messageClassesOf(app),
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(timeouts.requestHeadersMs, timeouts.requestMs),
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: timeouts.keepAliveMs,
      connectionsCheckingInterval: Math.min(5000, timeouts.requestHeadersMs),
      // Node answers a missing Host with an empty 400; the gateway does not need the header at all.
      requireHostHeader: false,
    },
    app,
  );
  // Without these, Node answers with an empty body, or hangs up.
  server.on('clientError', refuse);
  server.on('checkExpectation', app);
  server.on('upgrade', (request, _socket, head) => {
    if (asksForSession(request)) void proxySession(request, head);
    else readAsPlain(server, request, head);
  });
  server.on('connect', (_request, socket) => refuseSocket('method-not-allowed', socket));

  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: urlOf(server.address() as AddressInfo),
    drain: (patienceMs) => drain(server, sockets, patienceMs),
  };
}

/** Idle client connections are closed this often while running requests finish. */
const CLOSE_IDLE_EVERY_MS = 50;

async function drain(server: Server, sockets: ReadonlySet<Socket>, patienceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Node counts a connection as idle only after its first request.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  // Node no longer knows the connections of sessions.
  const cutOff = setTimeout(() => sockets.forEach((socket) => socket.destroy()), patienceMs);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(cutOff);
}

const REFUSALS: Readonly<Record<string, ErrorName>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  const current = (socket as { _httpMessage?: ServerResponse })._httpMessage;
  const name = REFUSALS[error.code ?? ''] ?? 'bad-request';
  const hasLeft = error.code === 'HPE_INVALID_EOF_STATE';
  if (hasLeft || !socket.writable || current?.headersSent) {
    socket.destroy();
  } else {
    if (current) current.statusCode = errors[name].status;
    refuseSocket(name, socket);
    // An answer that is awaited would find nobody, though the connection takes its time to close.
    if (current?.req.complete) current.emit('close');
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
