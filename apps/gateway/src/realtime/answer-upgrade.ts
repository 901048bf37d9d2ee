import type { Socket } from 'node:net';
import type { Verdict } from '@spillway/core';
import type { BackendResponse } from '../backend/attempt-handler.ts';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { ownHeaders, respond, type ResponseContext } from '../response/respond.ts';
import { sessionHead } from '../response/session-head.ts';
import type { Exchange } from '../telemetry/exchange.ts';
import { joinSockets, type SessionLimits } from './join-sockets.ts';
import type { SessionConnection } from './session-connection.ts';

/** What is recorded of an answer. */
type Answered = Pick<Exchange, 'status' | 'ending'> &
  Partial<Pick<Exchange, 'requestBytes' | 'responseBytes'>>;

/**
 * Turns a verdict into a session, or into a plain answer where there is none. Resolves when the session is over, or the
 * last byte of the answer has been handed over.
 */
export async function answerUpgrade(
  verdict: Verdict<AzureBackend, BackendResponse>,
  connection: SessionConnection,
  context: ResponseContext,
  limits: SessionLimits,
): Promise<Answered> {
  if (verdict.kind !== 'relay' || verdict.answer.body.socket === undefined) {
    const { ending, bytes } = await respond(verdict, connection.response, context);
    return { status: connection.response.statusCode, ending, responseBytes: bytes };
  }
  const { status } = verdict.answer;
  const { socket, headers } = verdict.answer.body;
  if (context.client.hasLeft) {
    socket.destroy();
    return { status, ending: 'abandoned' };
  }
  const early = connection.take();
  connection.socket.write(sessionHead(headers, ownHeaders(verdict, context)));
  const { ending, bytesFromClient, bytesToClient } = await joinSockets(
    connection.socket,
    socket as Socket,
    early,
    limits,
  );
  return {
    status,
    ending: ending ?? 'complete',
    requestBytes: bytesFromClient,
    responseBytes: bytesToClient,
  };
}
