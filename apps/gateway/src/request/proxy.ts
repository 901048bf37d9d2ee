import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BackendPool, type Lease, runFailover, type WaitingRoom } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { createTransports } from '../backend/create-transports.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import type { OwnerStore } from '../ownership/owner-store.ts';
import { Ownership } from '../ownership/ownership.ts';
import { renderError } from '../response/render-error.ts';
import { respond } from '../response/respond.ts';
import { Exchange } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import { noteEnd, noteRelayed, noteRequest, noteRoute, noteVerdict } from '../telemetry/note.ts';
import { createRecorder } from '../telemetry/record.ts';
import { createRequestIds } from '../telemetry/request-id.ts';
import { accept } from './accept.ts';
import { classifyRoute } from './classify-route.ts';
import { requireDeployment } from './require-deployment.ts';
import type { Upload } from './upload.ts';
import { watchUsage } from './usage-watch.ts';
import { createWishOf } from './wish-of.ts';

/** What the proxy works with. */
export interface ProxyParts {
  readonly pool: BackendPool<AzureBackend>;
  /** Where requests wait for quota, if they do. */
  readonly room: WaitingRoom | undefined;
  /** Who has which stored object. */
  readonly owners: OwnerStore;
  readonly config: Config;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
  readonly isStopping: () => boolean;
}

/** What a request holds until it is over. */
interface Held {
  lease?: Lease;
  upload?: Upload | undefined;
}

/** Makes the handler that takes a request from arrival to record: the straight line that every request goes. */
export function createProxy({ pool, room, owners, config, log, nowMs, isStopping }: ProxyParts) {
  const nextId = createRequestIds();
  const wishOf = createWishOf(config);
  const transportOf = createTransports(config.hedge, room);
  const { allowBackendPin, exposeBackendUrl } = config;
  const ownership = new Ownership({ pool, owners, nowMs, allowBackendPin, transportOf });
  const record = createRecorder(log, config.priorityClasses?.default);

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const exchange = new Exchange(nextId(), nowMs(), req.method ?? '');
    const held: Held = {};
    if (isStopping()) res.setHeader('connection', 'close');
    try {
      const request = await accept(req, res, config, nowMs);
      const { client, upload } = request;
      held.upload = upload;
      noteRequest(exchange, request);
      if (upload !== undefined) res.setHeader('x-spillway-replay', 'none');

      const route = classifyRoute(request.method, request.url, request.body, request.contentType);
      const { deployment } = route;
      noteRoute(exchange, route);
      if (upload !== undefined) requireDeployment(route, upload.bytes);

      const wish = wishOf(req.headers, route, request.body);
      exchange.priorityClass = wish.priorityClass;

      const verdict = ownership.concerns(route)
        ? await ownership.run(request, route, wish)
        : await runFailover(pool, wish, transportOf(request, route), nowMs);
      noteVerdict(exchange, verdict, client, nowMs());
      if (verdict.kind === 'abandoned' && upload?.error !== undefined) throw upload.error;

      const usage = watchUsage(verdict);
      if (verdict.kind === 'relay') held.lease = verdict.lease;
      const context = {
        requestId: exchange.id,
        deployment,
        client,
        backends: pool.backends,
        exposeBackendUrl,
      };
      noteRelayed(exchange, await respond(verdict, res, context));
      usage?.end(nowMs());
    } catch (error) {
      answerError(error, res, exchange, log);
    } finally {
      held.lease?.release();
      room?.lookAgain();
      if (held.upload !== undefined) endUpload(held.upload, res, exchange);
      noteEnd(exchange, res.statusCode, nowMs());
      record(exchange);
    }
  };
}

function answerError(error: unknown, res: ServerResponse, exchange: Exchange, log: Log): void {
  if (!(error instanceof GatewayError)) log.error(error, 'a request failed inside the gateway');
  if (res.destroyed) exchange.ending = 'abandoned';
  renderError(res, error, { 'x-spillway-request-id': exchange.id });
}

function endUpload(upload: Upload, res: ServerResponse, exchange: Exchange): void {
  exchange.isUpload = true;
  exchange.requestBytes = upload.bytes;
  // Its answer may be half written when it turns out to be too large.
  if (upload.error !== undefined && !res.writableEnded) res.destroy();
  upload.dismiss();
}
