import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Returns what a server has to answer to a client's `Sec-WebSocket-Key`. */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/**
 * Returns the key of a client's handshake.
 *
 * @throws GatewayError `bad-request` when it is none of WebSocket's only version
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
