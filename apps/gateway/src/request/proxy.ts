import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BackendPool, type Lease, runFailover, type Transport } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { type BackendResponse, forwardAttempt } from '../backend/forward-attempt.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import { renderError } from '../response/render-error.ts';
import { respond } from '../response/respond.ts';
import type { Exchange } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import { createRecorder } from '../telemetry/record.ts';
import { createRequestIds } from '../telemetry/request-id.ts';
import { accept, type AcceptedRequest } from './accept.ts';
import { classifyRoute, type Route } from './classify-route.ts';

/** What the proxy works with. */
export interface ProxyParts {
  readonly pool: BackendPool<AzureBackend>;
  readonly config: Config;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
  readonly isStopping: () => boolean;
}

/** Makes the handler that takes a request from arrival to record: the straight line that every request goes. */
export function createProxy({ pool, config, log, nowMs, isStopping }: ProxyParts) {
  const record = createRecorder(log);
  const nextId = createRequestIds();

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const exchange: Exchange = { id: nextId(), startedMs: nowMs(), method: req.method ?? '' };
    let lease: Lease | undefined;
    if (isStopping()) res.setHeader('connection', 'close');
    try {
      const request = await accept(req, res, config.limits.bodyBytes);
      exchange.requestBytes = request.body?.length ?? 0;

      const route = classifyRoute(request.method, request.url, request.body, request.contentType);
      exchange.deployment = route.deployment;
      exchange.operation = route.operation;

      const verdict = await runFailover(pool, route, transportOf(request, route), nowMs);
      exchange.attempts = verdict.attempts;
      if (verdict.kind === 'relay') lease = verdict.lease;
      if (verdict.kind !== 'abandoned') exchange.respondedMs = nowMs();

      const { ending, bytes } = await respond(verdict, res, {
        requestId: exchange.id,
        deployment: route.deployment,
        client: request.client,
        backends: pool.backends,
        exposeBackendUrl: config.exposeBackendUrl,
      });
      exchange.ending = ending;
      exchange.responseBytes = bytes;
    } catch (error) {
      if (!(error instanceof GatewayError)) log.error(error, 'a request failed inside the gateway');
      if (res.destroyed) exchange.ending = 'abandoned';
      renderError(res, error, { 'x-spillway-request-id': exchange.id });
    } finally {
      lease?.release();
      exchange.status = res.statusCode;
      exchange.endedMs = nowMs();
      record(exchange);
    }
  };
}

function transportOf(request: AcceptedRequest, route: Route): Transport<AzureBackend, BackendResponse> {
  return {
    forward: (attempt) => forwardAttempt(attempt, request, route),
    discard: ({ body }) => body.discard(),
  };
}
