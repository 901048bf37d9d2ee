import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import type { Cancellation } from '../request/cancellation.ts';
import { acceptOf, readKey } from '../websocket/handshake.ts';
import { loadParts, type WebSocketParts } from '../websocket/load-parts.ts';
import { MessageConnection, type MessageLimits } from '../websocket/message-connection.ts';
import type { SessionConnection } from './session-connection.ts';

/** A client's session that the gateway itself has opened, as only its first message shows which backend it is for. */
export interface MessageSession {
  readonly parts: WebSocketParts;
  readonly limits: MessageLimits;
  readonly messages: MessageConnection;
}

/**
 * Opens the session that a client requests. From then on the client can only be answered with messages.
 *
 * @param protocol the chosen one of the client's protocols, if it names any
 * @throws GatewayError `bad-request` when its handshake is invalid
 */
export async function openMessageSession(
  { headers }: Pick<IncomingMessage, 'headers'>,
  connection: SessionConnection,
  protocol: string | undefined,
  limits: MessageLimits,
): Promise<MessageSession> {
  const key = readKey(headers);
  const parts = await loadParts();
  const head = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket'];
  head.push(`sec-websocket-accept: ${acceptOf(key)}`);
  if (protocol !== undefined) head.push(`sec-websocket-protocol: ${protocol}`);
  const early = connection.take();
  connection.response.statusCode = 101;
  connection.socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  const messages = new MessageConnection(connection.socket, true, parts, limits, early);
  return { parts, limits, messages };
}

const GOING_AWAY = 1001;

/**
 * Waits for a client's first message.
 *
 * @param idleMs how long the client may stay silent
 * @throws GatewayError when it is not text, or the client leaves first
 */
export function firstMessage(
  messages: MessageConnection,
  client: Cancellation,
  idleMs: number,
): Promise<Buffer> {
  const { socket } = messages;
  const onIdle = () => messages.close(GOING_AWAY, 'idle');
  socket.setTimeout(idleMs, onIdle);
  return new Promise<Buffer>((resolve, reject) => {
    const leave = () => {
      client.end(false);
      reject(new GatewayError('request-timeout', 'The session ended before its first message.'));
    };
    messages.onGone = () => client.end(false);
    messages.readBy({
      onMessage(data, isBinary) {
        messages.readBy(undefined);
        if (isBinary) reject(new GatewayError('bad-request', 'The first message must be a text, in JSON.'));
        else resolve(data);
      },
      onClose(code) {
        messages.close(code);
        leave();
      },
      onEnd: leave,
    });
  }).finally(() => socket.setTimeout(0).off('timeout', onIdle));
}

/** Returns the protocol to use with a client: the first that it names, other than a key (RFC 6455 §4.2.2). */
export function chooseProtocol(rawHeaders: readonly string[]): string | undefined {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === PROTOCOLS);
  return at === -1 ? undefined : rawHeaders[at + 1]?.split(',', 1)[0]?.trim();
}

const PROTOCOLS = 'sec-websocket-protocol';

/**
 * Returns the headers of the request for a backend's session. Its messages are read, so the backend must not pack them,
 * and the protocol has been chosen.
 */
export function sessionHeaders(rawHeaders: readonly string[], protocol: string | undefined): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const lowerCase = name.toLowerCase();
    if (lowerCase !== 'sec-websocket-extensions' && lowerCase !== PROTOCOLS)
      headers.push(name, rawHeaders[i + 1] as string);
  }
  return protocol === undefined ? headers : [...headers, 'Sec-WebSocket-Protocol', protocol];
}
