import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { takesTokens } from '../config/auth-mode.ts';
import { readPem } from '../config/network.ts';
import type { Config } from '../config/schema.ts';
import type { ClientResponse } from '../connection/client-connection.ts';
import { ClientConnections, maxConnections } from '../connection/client-connections.ts';
import type { ErrorName } from '../errors.ts';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import type { ProxySession } from '../proxy/proxy-session.ts';
import { MAX_HEADERS } from '../request/check-head.ts';
import type { Log } from '../telemetry/log.ts';
import type { ClientApp } from './app.ts';
import { watchCertificate } from './tls-files.ts';

/** The HTTP server that clients connect to. */
export interface ListeningServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly connections: ClientConnections;
  /** Applies a new configuration's limit on the length of heads to new connections. */
  configure(config: Config): void;
  /** Takes no new connections, lets running requests finish for at most `patienceMs`, then cuts them off. */
  drain(patienceMs: number): Promise<void>;
}

/** The handlers of everything that reaches the server. */
export interface ServerHandlers {
  readonly app: ClientApp;
  readonly proxySession: ProxySession;
  /** Answers bytes that never were a request, and closes the connection. */
  refuse(error: ErrorName, method: string, socket: Socket): void;
  /** Called for a request whose client left before its turn. */
  missed(method: string): void;
  /** Called for errors that keep the server from accepting connections. */
  onTrouble(error: NodeJS.ErrnoException): void;
  isStopping(): boolean;
  /** The bytes of later requests that are held on all connections. */
  readonly readAhead: KeptBytes;
  readonly log: Log;
}

/** Starts the HTTP server, with its limits on clients and the order of requests on each connection. */
export async function listen(
  { app, proxySession, log, ...handlers }: ServerHandlers,
  config: Config,
): Promise<ListeningServer> {
  const { host, port, timeouts, limits, server: { tls } = {} } = config;
  const options = {
    ...app.messageClasses,
    maxHeaderSize: headerBytesOf(config),
    headersTimeout: Math.min(timeouts.requestHeadersMs, timeouts.requestMs),
    requestTimeout: timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: Math.min(5000, timeouts.requestHeadersMs),
    // Node answers a missing Host with an empty 400, but the gateway does not need the header at all.
    requireHostHeader: false,
  };
  const tlsOptions = tls && { ...readPem(tls), handshakeTimeout: timeouts.requestHeadersMs };
  const server: Server =
    tlsOptions === undefined ? createServer(options) : createTlsServer({ ...options, ...tlsOptions });
  const connections = new ClientConnections(
    {
      connections: limits.connections,
      clientStallMs: timeouts.clientStallMs,
      // An empty line restarts Node's timer of idle connections, and begins no request. Heads have a timer of their own,
      // which may be as late again.
      unusedMs: timeouts.keepAliveMs + 2 * timeouts.requestHeadersMs,
    },
    {
      ...handlers,
      requestMs: timeouts.requestMs,
      serve: app.serve,
      upgrade: proxySession,
    },
  );
  // `connections` has only those whose handshake is over.
  if (tls) server.maxConnections = maxConnections(limits.connections);
  // Node silently drops any further headers.
  server.maxHeadersCount = MAX_HEADERS + 1;
  attach(server, connections, tls ? 'secureConnection' : 'connection');
  server.listen(port, host);
  await once(server, 'listening');
  server.on('error', handlers.onTrouble);
  const stopWatching = tls && watchCertificate(server as TlsServer, tls, log);
  return {
    url: urlOf(tls ? 'https' : 'http', server.address() as AddressInfo),
    connections,
    // Node reads it for each connection, which its types do not say.
    configure: (next) => void Object.assign(server, { maxHeaderSize: headerBytesOf(next) }),
    drain: (patienceMs) => {
      stopWatching?.();
      return drain(server, connections, patienceMs);
    },
  };
}

/** Tokens of Microsoft Entra ID grow with the groups that their users are in. */
const MIN_HEADER_BYTES_WITH_TOKENS = 32_768;

function headerBytesOf(config: Config): number {
  const { headerBytes } = config.limits;
  return takesTokens(config) ? Math.max(headerBytes, MIN_HEADER_BYTES_WITH_TOKENS) : headerBytes;
}

/** Passes the server's input to the connections that it came on. */
function attach(
  server: Server,
  connections: ClientConnections,
  event: 'connection' | 'secureConnection',
): void {
  const take = (req: IncomingMessage, res: ServerResponse) =>
    connections.of(req.socket)?.request(req, res as ClientResponse);
  // With TLS, its own event comes after the handshake; a connection that fails before is never a client.
  server.on(event, (socket: Socket) => connections.add(socket));
  server.on('request', take);
  // Without these, Node answers by itself: out of turn, with an empty body, or by closing the connection.
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('upgrade', (req, _socket, head) => connections.of(req.socket)?.upgrade(req, head));
  server.on('connect', (req) => connections.of(req.socket)?.refuse('method-not-allowed', 'CONNECT'));
  server.on('clientError', (error: ReadError, socket: Duplex) => {
    const connection = connections.of(socket as Socket);
    const refusal = refusalOf(error);
    if (connection === undefined || !socket.writable) socket.destroy();
    else if (error.code === 'HPE_PAUSED') connection.stop(unreadOf(error));
    else if (refusal !== undefined) connection.refuse(refusal);
    // Anything else is a broken connection.
    else socket.destroy();
  });
}

/** Why the server could not read further, and where it stopped. */
interface ReadError extends NodeJS.ErrnoException {
  readonly bytesParsed?: number;
  readonly rawPacket?: Buffer;
}

function unreadOf({ rawPacket, bytesParsed }: ReadError): Buffer {
  return rawPacket?.subarray(bytesParsed) ?? Buffer.alloc(0);
}

function refusalOf({ code = '' }: ReadError): ErrorName | undefined {
  if (code === 'HPE_INVALID_EOF_STATE') return undefined;
  return REFUSALS.get(code) ?? (code.startsWith('HPE_') ? 'bad-request' : undefined);
}

const REFUSALS: ReadonlyMap<string, ErrorName> = new Map([
  ['HPE_HEADER_OVERFLOW', 'headers-too-large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request-timeout'],
]);

/** How often idle client connections are closed while running requests finish. */
const CLOSE_IDLE_EVERY_MS = 50;

async function drain(server: Server, connections: ClientConnections, patienceMs: number): Promise<void> {
  const closed = once(server, 'close');
  // Node has its own definition of idle, in which an answer is over before it has been sent.
  server.closeIdleConnections = () => connections.closeIdle();
  server.close();
  const closeIdle = setInterval(() => connections.closeIdle(), CLOSE_IDLE_EVERY_MS);
  const cutOff = setTimeout(() => connections.cutOff(), patienceMs);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(cutOff);
  connections.stop();
}

function urlOf(scheme: string, { address, family, port }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
