import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Verdict } from '@spillway/core';
import {
  type NamedBackend,
  ownHeaders,
  type RelayedResponse,
  respond,
  type ResponseContext,
} from '../response/respond.ts';
import type { Answered } from '../telemetry/exchange.ts';
import { joinSockets, type SessionLimits } from './join-sockets.ts';
import type { SessionConnection } from './session-connection.ts';
import { headersToClient, type ResponseHeaders } from '../headers/to-client.ts';

/** A backend's answer, with its connection once it has agreed to upgrade it. */
type UpgradeResponse = RelayedResponse & { readonly socket?: Duplex | undefined };

/**
 * Turns a verdict into a session, or into a plain answer where there is none. Resolves when the session is over, or the
 * last byte of the answer has been written.
 */
export async function answerUpgrade(
  verdict: Verdict<NamedBackend, UpgradeResponse>,
  connection: SessionConnection,
  context: ResponseContext,
  limits: SessionLimits,
): Promise<Answered> {
  if (verdict.kind !== 'relay' || verdict.answer.body.socket === undefined) {
    return respond(verdict, connection.response, context);
  }
  connection.response.statusCode = verdict.answer.status;
  const { socket, headers } = verdict.answer.body;
  if (context.client.hasLeft) {
    socket.destroy();
    return { ending: 'abandoned', bytes: 0 };
  }
  const early = connection.take();
  connection.socket.write(sessionHead(headers, ownHeaders(verdict, context)));
  const { ending, isByRule, bytesFromClient, bytesToClient } = await joinSockets(
    connection.socket,
    socket as Socket,
    early,
    { ...limits, meter: context.meter },
  );
  return { ending: ending ?? 'complete', isByRule, bytes: bytesToClient, bytesFromClient };
}

/** Returns the head that begins a client's session: the backend's, with the gateway's own headers. */
function sessionHead(headers: ResponseHeaders, own: readonly string[]): Buffer {
  const all = headersToClient(headers, ['connection', 'Upgrade', 'upgrade', 'websocket', ...own]);
  let head = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let i = 0; i + 1 < all.length; i += 2) head += `${all[i]}: ${all[i + 1]}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}
