import type { IncomingHttpHeaders } from 'node:http';

/** The header of a key that a backend has issued for one client's session. */
export type SessionKeyHeader = readonly [name: string, value: string];

const BEARER = /^bearer +ek_/i;
const KEY = /^ek_/;
const PROTOCOL = /(?:^|,)\s*openai-insecure-api-key\.(ek_[^\s,]+)/i;

/** Returns the ephemeral key that a request has instead of a client's own, as it is sent on. */
export function readSessionKey(headers: IncomingHttpHeaders): SessionKeyHeader | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && BEARER.test(authorization)) return ['authorization', authorization];
  const apiKey = headers['api-key'];
  if (typeof apiKey === 'string' && KEY.test(apiKey)) return ['api-key', apiKey];
  const protocols = headers['sec-websocket-protocol'];
  const inProtocols = protocols === undefined ? undefined : PROTOCOL.exec(protocols)?.[1];
  return inProtocols === undefined ? undefined : ['authorization', `Bearer ${inProtocols}`];
}

/** Returns that key itself. */
export function readEphemeralKey(headers: IncomingHttpHeaders): string | undefined {
  return readSessionKey(headers)?.[1].replace(/^bearer +/i, '');
}
