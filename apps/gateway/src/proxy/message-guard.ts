import type { IncomingMessage } from 'node:http';
import type { Client } from '../client/client.ts';
import type { Refuse } from '../realtime/join-messages.ts';
import { GatewayError } from '../errors.ts';
import { renderErrorEvent } from '../response/error-event.ts';
import { classifyRoute } from '../route/classify-route.ts';
import type { Accepted } from './caller.ts';
import type { ClientBill } from './client-bill.ts';
import type { Runtime } from './runtime.ts';
import { asksUnnamed } from './unnamed-message.ts';

/** The owner of a session, and its permissions. */
interface Guarded {
  readonly client: Client | undefined;
  readonly bill: ClientBill | undefined;
  readonly editMessage: Accepted['editMessage'];
  readonly requestId: string;
}

/**
 * Creates the function that tells why a session's further message is not passed on: each is a request of its own, and
 * may refer to other objects. Undefined if no message can be refused.
 */
export function createMessageGuard(
  { url = '', method = 'POST', headers }: IncomingMessage,
  { objects, routingRequestOf }: Runtime,
  { client, bill, editMessage, requestId }: Guarded,
): Refuse | undefined {
  if (objects === undefined && bill === undefined) return undefined;
  return async (message) => {
    try {
      // As its backend will get it: that is what it may take.
      const route = classifyRoute('POST', url, editMessage?.(message) ?? message);
      const asked = { contentType: 'application/json', headers: {}, body: message };
      await objects?.check(asked, route);
      if (bill === undefined) return undefined;
      if (asksUnnamed(route) || route.content?.isWhole === false) throw unnamed();
      if (route.deployment === '') return undefined;
      const refusal = bill.admitNext(routingRequestOf({ method, headers, caller: client }, route));
      if (refusal !== undefined) throw bill.refused(refusal);
      return undefined;
    } catch (error) {
      return Buffer.from(renderErrorEvent(error, requestId).text);
    }
  };
}

function unnamed(): GatewayError {
  return new GatewayError('bad-request', 'A message that asks for a response has to name its model.');
}
