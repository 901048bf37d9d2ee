import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/schema.ts';
import { withoutProtocolKey } from '../headers/websocket-protocols.ts';
import type { AcceptedRequest } from './accept.ts';
import { Cancellation } from './cancellation.ts';
import { checkHead } from './check-head.ts';
import { timingOf } from './timing-of.ts';

/**
 * Takes a request to upgrade to WebSocket as every attempt sends it: without a credential among its protocols.
 *
 * @throws GatewayError when its head makes no sense
 */
export function acceptUpgrade<L>(
  request: IncomingMessage,
  response: ServerResponse,
  leases: L[],
  timeouts: Config['timeouts'],
  nowMs: number,
): AcceptedRequest<L> {
  checkHead(request);
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
    timing,
  };
}
