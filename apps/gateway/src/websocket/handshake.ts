import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Returns a server's required answer to a client's `Sec-WebSocket-Key`. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/** Returns whether a server has answered the handshake correctly (RFC 6455 §4.1). */
export function isAccepted(accept: string | undefined, key: string): boolean {
  return accept?.trim() === acceptOf(key);
}

/** Returns the key of a handshake that is passed on; undefined where it has none. */
export function findKey(rawHeaders: readonly string[]): string | undefined {
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'sec-websocket-key');
  return at === -1 ? undefined : rawHeaders[at + 1]?.trim();
}

/**
 * Returns the key of a client's handshake.
 *
 * @throws GatewayError `bad-request` when it is no handshake of WebSocket's only version
 */
export function readKey(headers: IncomingHttpHeaders): string {
  const key = headers['sec-websocket-key'];
  if (headers['sec-websocket-version'] !== '13' || key === undefined || !KEY.test(key)) {
    const message =
      'The upgrade needs "Sec-WebSocket-Version: 13" and a "Sec-WebSocket-Key" of 16 bytes in base64.';
    throw new GatewayError('bad-request', message, { 'sec-websocket-version': '13' });
  }
  return key;
}
