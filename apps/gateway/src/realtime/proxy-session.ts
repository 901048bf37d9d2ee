import type { IncomingMessage } from 'node:http';
import { type Lease, runFailover } from '@spillway/core';
import { RequestTransport } from '../backend/request-transport.ts';
import { GatewayError } from '../errors.ts';
import { readPinnedBackend } from '../ownership/pinned-backend.ts';
import { classifyRoute } from '../request/classify-route.ts';
import type { ProxyParts } from '../request/proxy.ts';
import { createWishOf } from '../request/wish-of.ts';
import { renderError } from '../response/render-error.ts';
import { Exchange } from '../telemetry/exchange.ts';
import { noteVerdict } from '../telemetry/note.ts';
import { createRecorder } from '../telemetry/record.ts';
import { createRequestIds } from '../telemetry/request-id.ts';
import { acceptUpgrade } from './accept-upgrade.ts';
import { answerUpgrade } from './answer-upgrade.ts';
import { ClientConnection } from './client-connection.ts';

/** Takes a realtime session from its upgrade to its record. `head` is what the client sent along with the upgrade. */
export type ProxySession = (req: IncomingMessage, head: Buffer) => Promise<void>;

/**
 * Makes the handler of realtime sessions. Until a backend takes the session it goes the line of every other request;
 * then the two connections are joined, and the lease lasts as long as they do.
 */
export function createSessionProxy({ pool, room, config, log, nowMs }: ProxyParts): ProxySession {
  const record = createRecorder(log, config.priorityClasses?.default);
  const nextId = createRequestIds();
  const { allowBackendPin, exposeBackendUrl, timeouts } = config;
  const wishOf = createWishOf(config);
  const { backends } = pool;
  const names = backends.map(({ name }) => name);

  return async (req, head) => {
    const exchange = new Exchange(nextId(), nowMs(), req.method ?? '');
    exchange.requestBytes = 0;
    const connection = new ClientConnection(req, head);
    const { response } = connection;
    let lease: Lease | undefined;
    try {
      const request = acceptUpgrade(req, response, timeouts, nowMs());

      const route = classifyRoute(request.method, request.url, undefined);
      const { deployment } = route;
      exchange.deployment = deployment;
      exchange.operation = route.operation;
      const wish = wishOf(req.headers, route, undefined);
      exchange.priorityClass = wish.priorityClass;
      const owner = allowBackendPin ? readPinnedBackend(req.rawHeaders, names) : undefined;

      const transport = new RequestTransport(request, route, room);
      const verdict = await runFailover(pool, { ...wish, owner }, transport, nowMs);
      noteVerdict(exchange, verdict, request.client, nowMs());
      if (verdict.kind === 'relay') lease = verdict.lease;

      const { client } = request;
      const context = { requestId: exchange.id, deployment, client, backends, exposeBackendUrl };
      Object.assign(exchange, await answerUpgrade(verdict, connection, context));
    } catch (error) {
      if (!(error instanceof GatewayError)) log.error(error, 'a session failed inside the gateway');
      if (response.destroyed) exchange.ending = 'abandoned';
      renderError(response, error, { 'x-spillway-request-id': exchange.id });
      exchange.status = response.statusCode;
    } finally {
      lease?.release();
      room?.lookAgain();
      exchange.endedMs = nowMs();
      record(exchange);
    }
  };
}
