import type { IncomingMessage } from 'node:http';
import { type BackendPool, type Lease, runFailover, type WaitingRoom } from '@spillway/core';
import type { AzureBackend } from '../backend/azure-backend.ts';
import { createTransports } from '../backend/create-transports.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../errors.ts';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import type { Load } from '../overload/load.ts';
import type { OwnerStore } from '../ownership/owner-store.ts';
import { Ownership } from '../ownership/ownership.ts';
import { breakOff } from '../connection/break-off.ts';
import { renderError } from '../response/render-error.ts';
import { respond } from '../response/respond.ts';
import type { ClientResponse } from '../connection/client-connection.ts';
import { Exchange } from '../telemetry/exchange.ts';
import type { Log } from '../telemetry/log.ts';
import { noteEnd, noteRelayed, noteRequest, noteRoute, noteVerdict } from '../telemetry/note.ts';
import { accept } from '../request/accept.ts';
import { classifyRoute } from '../route/classify-route.ts';
import { KeptBody } from '../request/kept-body.ts';
import { requireDeployment } from '../route/require-deployment.ts';
import { createRoutingRequestOf } from './routing-request.ts';
import type { Upload } from '../request/upload.ts';
import { watchUsage } from '../usage/usage-watch.ts';

/** What the proxy works with. */
export interface ProxyParts {
  readonly pool: BackendPool<AzureBackend>;
  /** Where requests wait for quota, if they do. */
  readonly room: WaitingRoom | undefined;
  /** Who has which stored object. */
  readonly owners: OwnerStore;
  /** What the process has to do, and whether it can take more. */
  readonly load: Load;
  /** What is read of connections ahead of what can be done with it. */
  readonly readAhead: KeptBytes;
  readonly config: Config;
  readonly log: Log;
  /** A monotonic clock in milliseconds. */
  readonly nowMs: () => number;
  readonly nextId: () => string;
  /** Takes the record of a request that is over. */
  readonly record: (exchange: Exchange) => void;
}

/** What a request holds until it is over. */
interface Held {
  /** The leases of all its attempts, the latest last. */
  readonly leases: Lease<AzureBackend>[];
  readonly kept: KeptBody;
  upload?: Upload | undefined;
}

/** Takes a request from arrival to record. Never throws. */
export type Proxy = (req: IncomingMessage, res: ClientResponse) => void;

/** Makes the handler that takes a request from arrival to record: the straight line that every request goes. */
export function createProxy(parts: ProxyParts): Proxy {
  const { pool, room, owners, load, config, log, nowMs, nextId } = parts;
  const routingRequestOf = createRoutingRequestOf(config);
  const transportOf = createTransports(config.hedge, room);
  const { allowBackendPin, exposeBackendUrl } = config;
  const { maxResponseMs } = config.timeouts;
  const { backends } = pool;
  const ownership = new Ownership({ pool, owners, nowMs, allowBackendPin, transportOf });

  const proxy = async (req: IncomingMessage, res: ClientResponse): Promise<void> => {
    const exchange = new Exchange(nextId(), nowMs(), req.method ?? '');
    const { presence: client, clientConnection } = res;
    const held: Held = { leases: [], kept: new KeptBody(load.kept, req.headers['content-length']) };
    load.enter();
    try {
      load.check(clientConnection);
      const { leases, kept } = held;
      const arrived = { request: req, response: res, client, leases, kept, budget: load.kept };
      const request = await accept(arrived, config, nowMs);
      const upload = (held.upload = request.upload);
      noteRequest(exchange, request);
      if (upload !== undefined) res.setHeader('x-spillway-replay', 'none');

      const route = classifyRoute(request.method, request.url, request.body, request.contentType);
      const { deployment } = route;
      noteRoute(exchange, route);
      if (upload !== undefined) requireDeployment(route, upload.bytes, config.limits.replayBytes);

      const routing = routingRequestOf(req.headers, route, request.body);
      exchange.priorityClass = routing.priorityClass;

      const verdict = ownership.concerns(route)
        ? await ownership.run(request, route, routing)
        : await runFailover(pool, routing, transportOf(request, route), nowMs);
      noteVerdict(exchange, verdict, client, nowMs());
      if (verdict.kind === 'abandoned' && client.refusal !== undefined) throw client.refusal;

      const usage = watchUsage(verdict);
      const requestId = exchange.id;
      const context = { requestId, deployment, client, backends, exposeBackendUrl, maxResponseMs };
      noteRelayed(exchange, await respond(verdict, res, context));
      usage?.end(nowMs());
    } catch (error) {
      answerError(error, res, exchange, log);
    } finally {
      endRequest(parts, held, exchange, res);
    }
  };
  return (req, res) => {
    proxy(req, res).catch((error: unknown) => {
      log.error(error, 'a request failed inside the gateway');
      renderError(res, error);
    });
  };
}

/** Lets go of all that a request holds, and has it recorded. */
function endRequest(
  parts: ProxyParts,
  { kept, leases, upload }: Held,
  exchange: Exchange,
  res: ClientResponse,
): void {
  kept.release();
  letGo(parts, leases, exchange, res.clientConnection);
  if (upload !== undefined) endUpload(upload, res, exchange);
  noteEnd(exchange, res.statusCode, parts.nowMs());
  parts.record(exchange);
}

/** Lets go of what a request or a session has had of the process and of the pool, so that others can have it. */
export function letGo(
  { load, pool, room, nowMs }: ProxyParts,
  leases: readonly Lease<AzureBackend>[],
  exchange: Exchange,
  { isCutOff }: { readonly isCutOff: boolean },
): void {
  load.leave();
  for (const lease of leases) pool.endLease(lease, nowMs());
  room?.lookAgain();
  // It was the gateway that broke it off, not the client.
  if (isCutOff && exchange.ending === 'abandoned') exchange.ending = 'interrupted';
}

function answerError(error: unknown, res: ClientResponse, exchange: Exchange, log: Log): void {
  if (!(error instanceof GatewayError)) log.error(error, 'a request failed inside the gateway');
  if (res.destroyed) exchange.ending = 'abandoned';
  renderError(res, error, { 'x-spillway-request-id': exchange.id });
}

function endUpload(upload: Upload, res: ClientResponse, exchange: Exchange): void {
  exchange.isUpload = true;
  exchange.requestBytes = upload.bytes;
  // Its answer may be half written when it turns out to be too large.
  if (res.presence.refusal !== undefined && !res.writableEnded) breakOff(res);
  upload.dismiss();
}
