import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timing } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { withoutProtocolKey } from '../headers/websocket-protocols.ts';
import { ClientPresence } from '../request/client-presence.ts';
import { timingOf } from '../request/timing-of.ts';

/** A request to upgrade to WebSocket, which every attempt can send again. */
export interface AcceptedUpgrade {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  /** Names and values in turn, without a credential among the protocols. */
  readonly rawHeaders: readonly string[];
  readonly body: undefined;
  readonly upgrade: 'websocket';
  readonly client: ClientPresence;
  /** How long it may take from now until a backend takes it. */
  readonly timing: Timing;
}

/** Takes a request to upgrade as every attempt sends it. */
export function acceptUpgrade(
  request: IncomingMessage,
  response: ServerResponse,
  timeouts: Config['timeouts'],
  nowMs: number,
): AcceptedUpgrade {
  const { method = '', url = '', rawHeaders, headers } = request;
  return {
    method,
    url,
    rawHeaders: withoutProtocolKey(rawHeaders),
    body: undefined,
    upgrade: 'websocket',
    client: new ClientPresence(response),
    timing: timingOf(headers, 0, timeouts, nowMs),
  };
}
