import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/schema.ts';
import { withoutProtocolKey } from '../headers/without-protocol-key.ts';
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
