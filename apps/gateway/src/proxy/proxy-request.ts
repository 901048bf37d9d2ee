import type { IncomingMessage } from 'node:http';
import type { ClientResponse } from '../connection/client-connection.ts';
import { accept } from '../request/accept.ts';
import { renderError } from '../response/render-error.ts';
import { respond, type ResponseContext } from '../response/respond.ts';
import type { Answered } from '../telemetry/exchange.ts';
import {
  type Accepted,
  type Caller,
  type ClientVerdict,
  type Holdings,
  runExchange,
} from './run-exchange.ts';
import type { Runtime } from './runtime.ts';

/** Takes a request from its arrival to its record. Never throws. */
export type ProxyRequest = (req: IncomingMessage, res: ClientResponse) => void;

/** Makes the handler of HTTP requests, each of which is served with what is current when it comes. */
export function createProxyRequest(current: () => Runtime): ProxyRequest {
  return (req, res) => {
    const runtime = current();
    runExchange(runtime, new HttpCaller(req, res)).catch((error: unknown) => {
      runtime.log.error(error, 'a request failed inside the gateway');
      renderError(res, error);
    });
  };
}

/** A client that asks for an answer. */
class HttpCaller implements Caller {
  readonly #request: IncomingMessage;
  readonly response: ClientResponse;

  constructor(request: IncomingMessage, response: ClientResponse) {
    this.#request = request;
    this.response = response;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get contentLength(): string | undefined {
    return this.#request.headers['content-length'];
  }

  get connection(): Caller['connection'] {
    return this.response.clientConnection;
  }

  accept({ leases, kept }: Holdings, { config, load, nowMs }: Runtime): Promise<Accepted> {
    const { response } = this;
    const client = response.cancellation;
    const arrived = { request: this.#request, response, client, leases, kept, budget: load.kept };
    return accept(arrived, config, nowMs);
  }

  respond(verdict: ClientVerdict, context: ResponseContext): Promise<Answered> {
    return respond(verdict, this.response, context);
  }
}
