import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timing } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { withoutProtocolKey } from '../headers/websocket-protocols.ts';
import { Cancellation } from './cancellation.ts';
import { checkHead } from './check-head.ts';
import { timingOf } from './timing-of.ts';

/** A request to upgrade to WebSocket, which every attempt can send again. `L` is what is taken for it of the pool. */
export interface AcceptedUpgrade<L> {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  /** Names and values in turn, without a credential among the protocols. */
  readonly rawHeaders: readonly string[];
  readonly body: undefined;
  readonly upgrade: 'websocket';
  readonly client: Cancellation;
  /** The leases of all its attempts, to be ended with it. */
  readonly leases: L[];
  /** How long it may take from now until a backend takes it. */
  readonly timing: Timing;
}

/**
 * Takes a request to upgrade as every attempt sends it.
 *
 * @throws GatewayError when its head makes no sense
 */
export function acceptUpgrade<L>(
  request: IncomingMessage,
  response: ServerResponse,
  leases: L[],
  timeouts: Config['timeouts'],
  nowMs: number,
): AcceptedUpgrade<L> {
  checkHead(request);
  const { method = '', url = '', rawHeaders, headers } = request;
  const client = new Cancellation();
  response.on('close', () => client.end(response.writableFinished));
  const timing = timingOf(headers, 0, timeouts, nowMs);
  const kept = { method, url, rawHeaders: withoutProtocolKey(rawHeaders), body: undefined };
  return { ...kept, upgrade: 'websocket', client, leases, timing };
}
