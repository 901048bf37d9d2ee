import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { unpackBody } from '../body/unpack-body.ts';
import type { Config } from '../config/schema.ts';
import type { ClientResponse } from '../connection/client-connection.ts';
import { accept } from '../request/accept.ts';
import type { BodyBudget, KeptBody } from '../request/kept-body.ts';
import { ALWAYS_KEPT_BYTES } from '../overload/kept-bytes.ts';
import { renderError } from '../response/render-error.ts';
import { respond, type ResponseContext } from '../response/respond.ts';
import type { Answered } from '../telemetry/exchange.ts';
import type { Accepted, Caller, ClientVerdict, Holdings } from './caller.ts';
import { runExchange } from './run-exchange.ts';
import type { Runtime } from './runtime.ts';

/** Handles a request from its arrival to its record. Never throws. */
export type ProxyRequest = (req: IncomingMessage, res: ClientResponse) => void;

/** Creates the handler of HTTP requests. Each is served by the runtime that is current when it arrives. */
export function createProxyRequest(current: () => Runtime): ProxyRequest {
  return (req, res) => {
    const runtime = current();
    runExchange(runtime, new HttpCaller(req, res)).catch((error: unknown) => {
      runtime.log.error(error, 'a request failed inside the gateway');
      renderError(res, error);
    });
  };
}

/** Unpacks a body for reading; backends still get the packed one, unless something in it has to be changed. */
async function unpack(
  accepted: Accepted,
  packing: string,
  { kept, budget }: { readonly kept: KeptBody; readonly budget: BodyBudget },
  { limits }: Config,
): Promise<Accepted> {
  const { body, upload } = accepted;
  if (body === undefined || upload !== undefined) return accepted;
  const isCutShort = budget.isOverLimit;
  const unpacked = await unpackBody(body, packing, isCutShort ? ALWAYS_KEPT_BYTES : limits.replayBytes);
  if (unpacked === undefined) return { ...accepted, isCutShort };
  kept.keepBesides(unpacked.length);
  return { ...accepted, unpacked };
}

/** A client that wants an answer. */
class HttpCaller implements Caller {
  readonly isSession = false;
  readonly request: IncomingMessage;
  readonly response: ClientResponse;

  constructor(request: IncomingMessage, response: ClientResponse) {
    this.request = request;
    this.response = response;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get contentLength(): string | undefined {
    return this.request.headers['content-length'];
  }

  get connection(): Caller['connection'] {
    return this.response.clientConnection;
  }

  accept({ leases, kept }: Holdings, { config, load, nowMs }: Runtime): Promise<Accepted> {
    const { response } = this;
    const client = response.cancellation;
    const arrived = { request: this.request, response, client, leases, kept, budget: load.kept };
    const accepted = accept(arrived, config, nowMs);
    const packing = this.request.headers['content-encoding'];
    return packing === undefined ? accepted : accepted.then((one) => unpack(one, packing, arrived, config));
  }

  refuse(error: unknown, requestId: string): void {
    renderError(this.response, error, requestId);
  }

  respond(verdict: ClientVerdict, context: ResponseContext): Promise<Answered> {
    return respond(verdict, this.response, context);
  }
}
