import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BackendPool, type Lease, runFailover } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { createTransports } from '../backend/create-transports.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import type { OwnerStore } from '../ownership/owner-store.ts';
import { Ownership } from '../ownership/ownership.ts';
import { renderError } from '../response/render-error.ts';
import { respond } from '../response/respond.ts';
import type { Exchange } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import { createRecorder } from '../telemetry/record.ts';
import { createRequestIds } from '../telemetry/request-id.ts';
import { accept } from './accept.ts';
import { classifyRoute } from './classify-route.ts';
import { requireDeployment } from './require-deployment.ts';
import type { Upload } from './upload.ts';

/** What the proxy works with. */
export interface ProxyParts {
  readonly pool: BackendPool<AzureBackend>;
  /** Who has which stored object. */
  readonly owners: OwnerStore;
  readonly config: Config;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
  readonly isStopping: () => boolean;
}

/** Makes the handler that takes a request from arrival to record: the straight line that every request goes. */
export function createProxy({ pool, owners, config, log, nowMs, isStopping }: ProxyParts) {
  const record = createRecorder(log);
  const nextId = createRequestIds();
  const transportOf = createTransports(config.hedge);
  const { allowBackendPin } = config;
  const ownership = new Ownership({ pool, owners, nowMs, allowBackendPin, transportOf });

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const exchange: Exchange = { id: nextId(), startedMs: nowMs(), method: req.method ?? '' };
    let lease: Lease | undefined;
    let upload: Upload | undefined;
    if (isStopping()) res.setHeader('connection', 'close');
    try {
      const request = await accept(req, res, config, nowMs);
      upload = request.upload;
      exchange.requestBytes = request.body?.length ?? 0;
      if (upload !== undefined) res.setHeader('x-spillway-replay', 'none');

      const route = classifyRoute(request.method, request.url, request.body, request.contentType);
      exchange.deployment = route.deployment;
      exchange.operation = route.operation;
      if (upload !== undefined) requireDeployment(route, upload.bytes);

      const verdict = ownership.concerns(route)
        ? await ownership.run(request, route)
        : await runFailover(pool, route, transportOf(request, route), nowMs);
      exchange.attempts = verdict.attempts;
      if (verdict.kind === 'exhausted') exchange.cause = verdict.cause;
      if (verdict.kind === 'abandoned' && upload?.error !== undefined) throw upload.error;
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
      if (upload !== undefined) endUpload(upload, res, exchange);
      exchange.status = res.statusCode;
      exchange.endedMs = nowMs();
      record(exchange);
    }
  };
}

function endUpload(upload: Upload, res: ServerResponse, exchange: Exchange): void {
  exchange.isUpload = true;
  exchange.requestBytes = upload.bytes;
  // Its answer may be half written when it turns out to be too large.
  if (upload.error !== undefined && !res.writableEnded) res.destroy();
  upload.dismiss();
}
