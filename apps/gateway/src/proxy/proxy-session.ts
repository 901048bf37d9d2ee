import type { IncomingMessage } from 'node:http';
import { type Lease, runFailover } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { RequestTransport } from '../backend/request-transport.ts';
import { GatewayError } from '../errors.ts';
import { readPinnedBackend } from '../ownership/pinned-backend.ts';
import { classifyRoute } from '../route/classify-route.ts';
import { letGo, type ProxyParts } from './proxy-request.ts';
import { createRoutingRequestOf } from './routing-request.ts';
import { renderError } from '../response/render-error.ts';
import { Exchange } from '../telemetry/exchange.ts';
import { noteVerdict } from '../telemetry/note.ts';
import { acceptUpgrade } from '../request/accept-upgrade.ts';
import { answerUpgrade } from '../realtime/answer-upgrade.ts';
import { SessionConnection } from '../realtime/session-connection.ts';

/** Takes a realtime session from its upgrade to its record. `head` is what the client sent along with the upgrade. */
export type ProxySession = (
  req: IncomingMessage,
  head: Buffer,
  connection: { readonly isOverLimit: boolean; readonly isCutOff: boolean },
) => void;

/**
 * Makes the handler of realtime sessions. Until a backend takes the session it goes the line of every other request;
 * then the two connections are joined, and the lease lasts as long as they do.
 */
export function createSessionProxy(parts: ProxyParts): ProxySession {
  const { pool, load, config, log, nowMs, nextId, record } = parts;
  const { allowBackendPin, exposeBackendUrl, timeouts } = config;
  const routingRequestOf = createRoutingRequestOf(config);
  const { backends } = pool;
  const respondParts = { backends, exposeBackendUrl, maxResponseMs: timeouts.maxResponseMs };
  const names = backends.map(({ name }) => name);
  const limits = { ...timeouts, kept: parts.readAhead };

  const proxy = async (...[req, head, clientConnection]: Parameters<ProxySession>): Promise<void> => {
    const exchange = new Exchange(nextId(), nowMs(), req.method ?? '');
    exchange.requestBytes = 0;
    const connection = new SessionConnection(req, head);
    const { response } = connection;
    const leases: Lease<AzureBackend>[] = [];
    load.enter();
    try {
      load.check(clientConnection);
      const request = acceptUpgrade(req, response, leases, timeouts, nowMs());

      const route = classifyRoute(request.method, request.url, undefined);
      const { deployment } = route;
      exchange.deployment = deployment;
      exchange.operation = route.operation;
      const routing = routingRequestOf(req.headers, route, undefined);
      exchange.priorityClass = routing.priorityClass;
      const owner = allowBackendPin ? readPinnedBackend(req.rawHeaders, names) : undefined;

      const transport = new RequestTransport(request, route, parts.room);
      const verdict = await runFailover(pool, { ...routing, owner }, transport, nowMs);
      const { client } = request;
      noteVerdict(exchange, verdict, client, nowMs());

      const context = { requestId: exchange.id, deployment, client, ...respondParts };
      Object.assign(exchange, await answerUpgrade(verdict, connection, context, limits));
    } catch (error) {
      if (!(error instanceof GatewayError)) log.error(error, 'a session failed inside the gateway');
      if (response.destroyed) exchange.ending = 'abandoned';
      renderError(response, error, { 'x-spillway-request-id': exchange.id });
      exchange.status = response.statusCode;
    } finally {
      letGo(parts, leases, exchange, clientConnection);
      exchange.endedMs = nowMs();
      record(exchange);
    }
  };

  return (req, ...rest) => {
    proxy(req, ...rest).catch((error: unknown) => {
      log.error(error, 'a session failed inside the gateway');
      req.socket.destroy();
    });
  };
}
