import type { Socket } from 'node:net';
import { callbackify } from 'node:util';
import type { TransportFailure } from '@spillway/core';
import type { buildConnector as BuildConnector, Dispatcher } from 'undici';
// Not undici's main entry, which also loads fetch with its dependencies, and therefore needs Node 22.
import requestTunnel from 'undici/lib/api/api-connect.js';
import buildConnector from 'undici/lib/core/connect.js';
import UndiciClient from 'undici/lib/dispatcher/client.js';
import type { PemTexts } from '../config/network.ts';
import { lookUpName } from './look-up-name.ts';
import { classifyTransportError } from './transport-error.ts';

type Connector = BuildConnector.connector;

/** How connections to a backend are made. */
export interface ConnectorOptions {
  /** For each step: the connection to the proxy, the tunnel through it, and TLS. */
  readonly timeoutMs: number;
  readonly tls: PemTexts | undefined;
  /** The URL of a proxy to go through, with its credentials if it wants any. */
  readonly proxy: string | undefined;
}

/** Creates a function that opens connections, never for HTTP/2: one stalled stream must not hold up others. */
export function createConnector({ timeoutMs, tls, proxy }: ConnectorOptions): Connector {
  const connect = tellingBrokenHandshakes(
    buildConnector({ ...tls, timeout: timeoutMs, allowH2: false, lookup: lookUpName }),
  );
  return proxy === undefined ? connect : throughProxy(new URL(proxy), connect, timeoutMs);
}

/** Creates a function that opens connections through a tunnel (RFC 9110 §9.3.6), and TLS inside it. */
function throughProxy(proxy: URL, connect: Connector, timeoutMs: number): Connector {
  const headers = credentialOf(proxy);
  const connectToProxy = buildConnector({ timeout: timeoutMs, allowH2: false, lookup: lookUpName });
  const open = async (options: BuildConnector.Options): Promise<Socket> => {
    const host = options.port === '' ? `${options.host}:${defaultPort(options.protocol)}` : options.host;
    const client = new UndiciClient(proxy.origin, {
      // undici takes the backend's name, to which `host` leads, for the name in the proxy's certificate.
      connect: (options, callback) => connectToProxy({ ...options, servername: '' }, callback),
      headersTimeout: timeoutMs,
    });
    const target = { origin: proxy.origin, path: host ?? '', headers: { host, ...headers } };
    const tunnel = requestTunnel.call(client, target);
    // The client has no other request, and its connection is the tunnel's from now on.
    client.close().catch(() => {});
    const httpSocket = accept(await tunnel.catch(refuse));
    if (options.protocol !== 'https:') return httpSocket;
    return new Promise((resolve, reject) => {
      connect({ ...options, httpSocket }, (error, socket) => (error ? reject(error) : resolve(socket)));
    });
  };
  return callbackify(open) as unknown as Connector;
}

/** Returns the connection of a tunnel that the proxy has opened. */
function accept({ socket, statusCode }: Dispatcher.ConnectData): Socket {
  // In HTTP and TLS the client speaks first, so bytes at this point come from the proxy itself.
  const hasBody = (socket as Socket).readableLength > 0;
  if (statusCode === 200 && !hasBody) return socket as Socket;
  socket.on('error', () => {}).destroy();
  throw new ConnectError('ERR_PROXY_REFUSED', `The proxy answered CONNECT with ${statusCode}`);
}

/**
 * A proxy that breaks off, or says something else, opens no tunnel, as one that refuses. undici takes some of its own
 * errors for temporary ones, and would reconnect at once as long as there is a request.
 */
function refuse(error: Error): never {
  const code = WITHOUT_TUNNEL.get(classifyTransportError(error));
  if (code === undefined) throw error;
  throw new ConnectError(code, `The proxy did not answer CONNECT: ${error.message}`);
}

const WITHOUT_TUNNEL: ReadonlyMap<TransportFailure, string> = new Map([
  ['reset', 'ERR_PROXY_REFUSED'],
  ['malformed', 'ERR_PROXY_REFUSED'],
  ['header-timeout', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/**
 * Node gives a connection that breaks within the handshake of TLS the same error as one that breaks under a request.
 * Only the first of them ends as soon as a connection can be made.
 */
function tellingBrokenHandshakes(connect: Connector): Connector {
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error === null) return callback(null, socket);
      const isBroken = options.protocol === 'https:' && classifyTransportError(error) === 'reset';
      callback(isBroken ? new ConnectError('ERR_TLS_HANDSHAKE_BROKEN', error.message) : error, null);
    });
}

function credentialOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = Buffer.from(decodedBytes(`${username}:${password}`), 'latin1');
  return { 'proxy-authorization': `Basic ${pair.toString('base64')}` };
}

/** Byte by byte, as curl does: it need not be UTF-8, and a bare % stands for itself. */
function decodedBytes(text: string): string {
  return text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

/** A connection could not be made. */
class ConnectError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
