import { PROTOCOL_KEY } from './credential-carriers.ts';

const PROTOCOLS = 'sec-websocket-protocol';

/**
 * Returns the headers of a request without the credential that its list of WebSocket protocols may hold: that is the
 * client's. An upgrade has such a list; so has a plain request that was an upgrade until a proxy took that away.
 *
 * @param rawHeaders alternating names and values, like the result
 */
export function withoutProtocolKey(rawHeaders: readonly string[]): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    if (name.toLowerCase() !== PROTOCOLS) {
      headers.push(name, value);
      continue;
    }
    const kept = value
      .split(',')
      .filter((protocol) => !protocol.trim().toLowerCase().startsWith(PROTOCOL_KEY));
    if (kept.length > 0) headers.push(name, kept.join(',').trim());
  }
  return headers;
}
