import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerUpgrade } from '../realtime/answer-upgrade.ts';
import { SessionConnection } from '../realtime/session-connection.ts';
import { acceptUpgrade } from '../request/accept-upgrade.ts';
import type { ResponseContext } from '../response/respond.ts';
import type { Answered } from '../telemetry/exchange.ts';
import {
  type Accepted,
  type Caller,
  type ClientVerdict,
  type Holdings,
  runExchange,
} from './run-exchange.ts';
import type { Runtime } from './runtime.ts';

/**
 * Takes a realtime session from its upgrade to its record. `head` is what the client sent along with the upgrade. Never
 * throws.
 */
export type ProxySession = (req: IncomingMessage, head: Buffer, connection: Caller['connection']) => void;

/**
 * Makes the handler of realtime sessions. Until a backend takes the session it is a request like any other; then the two
 * connections are joined, and its lease lasts as long as they do.
 */
export function createProxySession(current: () => Runtime): ProxySession {
  const proxy = async (runtime: Runtime, ...[req, head, connection]: Parameters<ProxySession>) =>
    runExchange(runtime, new SessionCaller(req, head, connection));
  return (req, ...rest) => {
    const runtime = current();
    if (req.url !== undefined) req.url = runtime.readPath(req.url);
    proxy(runtime, req, ...rest).catch((error: unknown) => {
      runtime.log.error(error, 'a session failed inside the gateway');
      req.socket.destroy();
    });
  };
}

/** A client that asks for a session. */
class SessionCaller implements Caller {
  readonly #request: IncomingMessage;
  readonly #socket: SessionConnection;
  readonly connection: Caller['connection'];
  readonly contentLength = undefined;

  constructor(request: IncomingMessage, head: Buffer, connection: Caller['connection']) {
    this.#request = request;
    this.#socket = new SessionConnection(request, head);
    this.connection = connection;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get response(): ServerResponse {
    return this.#socket.response;
  }

  accept({ leases }: Holdings, { config, nowMs }: Runtime): Accepted {
    return acceptUpgrade(this.#request, this.response, leases, config.timeouts, nowMs());
  }

  respond(
    verdict: ClientVerdict,
    context: ResponseContext,
    { config, readAhead }: Runtime,
  ): Promise<Answered> {
    return answerUpgrade(verdict, this.#socket, context, { ...config.timeouts, kept: readAhead });
  }
}
