import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { ClientResponse } from '../connection/client-connection.ts';
import { hasBody } from '../request/has-body.ts';
import { isApiPath } from '../route/api-path.ts';

type AsksForSession = (req: IncomingMessage) => boolean;

/** The classes of a server's messages. */
interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Returns the classes that a server has to use for `app`'s requests and responses. Express changes the prototype of
 * each message that it handles; these have that prototype from the start, as a later change is slow in V8: it was 7 %
 * of the instructions of a proxied request (measured).
 */
export function messageClassesOf(
  app: Express,
  asksHere: AsksForSession = (req) => asksForSession(req, req.url ?? ''),
): MessageClasses {
  /**
   * Accepts an upgrade only where the gateway does as well. A server may ignore any other upgrade (RFC 9110 §7.8):
   * Java's client asks for HTTP/2 with the first request of each connection, body included. Node 24 has
   * `shouldUpgradeCallback` for this; Node 20 and 22 only have the member that they read.
   */
  class ExpressRequest extends IncomingMessage {
    asksToUpgrade = false;

    get upgrade(): boolean {
      return this.asksToUpgrade && (this.method === 'CONNECT' || asksHere(this));
    }

    set upgrade(asksToUpgrade: boolean) {
      this.asksToUpgrade = asksToUpgrade;
    }
  }
  class ExpressResponse extends ServerResponse<ExpressRequest> {
    cancellation!: ClientResponse['cancellation'];
    clientConnection!: ClientResponse['clientConnection'];
  }
  app.request = Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse as typeof ServerResponse };
}

/**
 * Returns whether an upgrade request asks for a session over WebSocket (RFC 6455 §4.1): of the realtime API, of
 * Responses, or of any other API of a backend.
 *
 * @param path its path and query, without the clients' prefix
 */
export function asksForSession(request: IncomingMessage, path: string): boolean {
  const { method = '', headers } = request;
  const isWebSocket = method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
  return isWebSocket && !hasBody(request) && isApiPath(method, path);
}
