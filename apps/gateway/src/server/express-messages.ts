import { IncomingMessage, ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { ClientResponse } from '../connection/client-connection.ts';
import { hasBody } from '../request/has-body.ts';
import { isApiPath } from '../route/api-path.ts';

type AsksForSession = (req: IncomingMessage) => boolean;

/** What a server makes its messages of. */
interface MessageClasses {
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/**
 * Returns the classes that a server has to make `app`'s requests and responses of. Express gives each of them a prototype
 * of its own when it takes it; these have that prototype from the start, as to change it later is slow in V8: it made 7 %
 * of the instructions that a proxied request takes (measured).
 */
export function messageClassesOf(
  app: Express,
  asksHere: AsksForSession = (req) => asksForSession(req, req.url ?? ''),
): MessageClasses {
  /**
   * Leaves HTTP only where the gateway does as well. A server may pass over any other upgrade (RFC 9110 §7.8): Java's
   * client asks for HTTP/2 with the first request of each connection, body and all. Node 24 has `shouldUpgradeCallback`
   * for this, Node 20 and 22 nothing but the member that they look at.
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
 * Returns whether a request to upgrade its connection asks for a session over WebSocket (RFC 6455 §4.1): of the realtime
 * API, of Responses, or of whatever else a backend may offer so.
 *
 * @param path its path and query, without what clients have before those of the API
 */
export function asksForSession(request: IncomingMessage, path: string): boolean {
  const { method = '', headers } = request;
  const isWebSocket = method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
  return isWebSocket && !hasBody(request) && isApiPath(method, path);
}
