import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/schema.ts';
import { PROTOCOL_KEY } from '../headers/credential-carriers.ts';
import type { AcceptedRequest } from './accept.ts';
import { Cancellation } from './cancellation.ts';
import { timingOf } from './timing-of.ts';

/**
 * Accepts a request to upgrade to WebSocket, whose head is valid, in the form that every attempt sends: without a
 * credential among its protocols.
 */
export function acceptUpgrade<L>(
  request: IncomingMessage,
  response: ServerResponse,
  leases: L[],
  timeouts: Config['timeouts'],
  nowMs: number,
): AcceptedRequest<L> {
  const { method = '', url = '', rawHeaders, headers } = request;
  const client = new Cancellation();
  response.on('close', () => client.end(response.writableFinished));
  const timing = timingOf(headers, 0, timeouts, nowMs);
  return {
    method,
    url,
    headers,
    rawHeaders: withoutProtocolKey(rawHeaders),
    contentType: undefined,
    body: undefined,
    upload: undefined,
    upgrade: 'websocket',
    client,
    leases,
    arrivedMs: nowMs,
    timing,
  };
}

const PROTOCOLS = 'sec-websocket-protocol';

/**
 * Returns the headers of an upgrade without the credential that its list of protocols may hold: that is the client's.
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
