import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { answerMessages, refuseSession } from '../realtime/answer-messages.ts';
import { answerUpgrade } from '../realtime/answer-upgrade.ts';
import {
  chooseProtocol,
  firstMessage,
  type MessageSession,
  openMessageSession,
  sessionHeaders,
} from '../realtime/message-session.ts';
import { SessionConnection } from '../realtime/session-connection.ts';
import { acceptUpgrade } from '../request/accept-upgrade.ts';
import { timingOf } from '../request/timing-of.ts';
import { renderErrorEvent } from '../response/error-event.ts';
import { renderError } from '../response/render-error.ts';
import type { ResponseContext } from '../response/respond.ts';
import { isMessageSession } from '../route/read-path.ts';
import type { Answered } from '../telemetry/exchange.ts';
import type { Accepted, Caller, ClientVerdict, Holdings } from './caller.ts';
import { createMessageGuard } from './message-guard.ts';
import { createMessageCheck } from './permission.ts';
import { runExchange } from './run-exchange.ts';
import type { Runtime } from './runtime.ts';

/**
 * Handles a realtime session from its upgrade to its record. `head` holds the bytes that the client sent along with the
 * upgrade. Never throws.
 */
export type ProxySession = (req: IncomingMessage, head: Buffer, connection: Caller['connection']) => void;

/**
 * Creates the handler of realtime sessions. Until a backend accepts the session it is a request like any other; then
 * the two connections are joined, and its lease lasts as long as they do.
 */
export function createProxySession(current: () => Runtime): ProxySession {
  const proxy = async (runtime: Runtime, ...[req, head, connection]: Parameters<ProxySession>) => {
    const Caller = isMessageSession(req.url ?? '') ? MessageCaller : SessionCaller;
    await runExchange(runtime, new Caller(req, head, connection));
  };
  return (req, ...rest) => {
    const runtime = current();
    if (req.url !== undefined) req.url = runtime.readPath(req.url);
    proxy(runtime, req, ...rest).catch((error: unknown) => {
      runtime.log.error(error, 'a session failed inside the gateway');
      req.socket.destroy();
    });
  };
}

/** A client that wants an upgrade. */
abstract class UpgradeCaller {
  readonly request: IncomingMessage;
  protected readonly socket: SessionConnection;
  readonly connection: Caller['connection'];
  readonly contentLength = undefined;
  readonly isSession = true;

  constructor(request: IncomingMessage, head: Buffer, connection: Caller['connection']) {
    this.request = request;
    this.socket = new SessionConnection(request, head);
    this.connection = connection;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  get response(): ServerResponse {
    return this.socket.response;
  }
}

/** A client that wants a session. */
class SessionCaller extends UpgradeCaller implements Caller {
  refuse(error: unknown, requestId: string): void {
    renderError(this.response, error, requestId);
  }

  accept({ leases }: Holdings, { config, nowMs }: Runtime): Accepted {
    return acceptUpgrade(this.request, this.response, leases, config.timeouts, nowMs());
  }

  respond(
    verdict: ClientVerdict,
    context: ResponseContext,
    { config, readAhead }: Runtime,
  ): Promise<Answered> {
    return answerUpgrade(verdict, this.socket, context, { ...config.timeouts, kept: readAhead });
  }
}

/** A client whose session is opened before it sends its actual request. */
class MessageCaller extends UpgradeCaller implements Caller {
  #session: MessageSession | undefined;
  #holdings: Holdings | undefined;

  async accept(holdings: Holdings, { config, load, nowMs }: Runtime): Promise<Accepted> {
    const { leases, kept } = (this.#holdings = holdings);
    const { timeouts, limits } = config;
    const accepted = acceptUpgrade(this.request, this.response, leases, timeouts, nowMs());
    const protocol = chooseProtocol(accepted.rawHeaders);
    const session = await openMessageSession(this.request, this.socket, protocol, {
      maxMessageBytes: limits.replayBytes,
      kept: load.kept,
    });
    this.#session = session;
    const body = await firstMessage(session.messages, accepted.client, timeouts.sessionIdleMs);
    kept.push(body);
    const rawHeaders = sessionHeaders(accepted.rawHeaders, protocol);
    const arrivedMs = nowMs();
    const timing = timingOf(accepted.headers, body.length, timeouts, arrivedMs);
    // Its message works like a POST; the upgrade's own method is irrelevant.
    return { ...accepted, method: 'POST', rawHeaders, body, arrivedMs, timing, session };
  }

  async respond(verdict: ClientVerdict, context: ResponseContext, runtime: Runtime): Promise<Answered> {
    const { config, load } = runtime;
    const { messages } = this.#session as MessageSession;
    const mayAsk = createMessageCheck(context.request.caller, this.request);
    const { requestId, request } = context;
    const { caller: client, editMessage } = request;
    const guarded = { client, bill: this.#holdings?.bill, editMessage, requestId };
    const refuse = createMessageGuard(this.request, runtime, guarded);
    const limits = { ...config.timeouts, kept: load.kept, mayAsk, refuse };
    const { status, ...answered } = await answerMessages(verdict, messages, context, limits);
    this.response.statusCode = status;
    return answered;
  }

  refuse(error: unknown, requestId: string): void {
    if (this.#session === undefined) return void renderError(this.response, error, requestId);
    const { messages } = this.#session;
    if (messages.isOver) return messages.close();
    this.response.statusCode = refuseSession(messages, renderErrorEvent(error, requestId)).status;
  }
}
