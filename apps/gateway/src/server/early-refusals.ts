import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { closeSoon } from '../connection/close-soon.ts';
import { type ErrorName, errors } from '../errors.ts';
import type { Runtime } from '../proxy/runtime.ts';
import { renderErrorBody, requestIdHeaders } from '../response/render-error.ts';
import { CLIENT_LEFT, Exchange, recordEnd } from '../telemetry/exchange.ts';

/**
 * Creates the handlers that answer and record everything that never became a request, or did but never had its turn.
 */
export function createEarlyRefusals(current: () => Pick<Runtime, 'nowMs' | 'nextId' | 'sinks'>) {
  const begin = (method: string): Exchange => {
    const { nextId, nowMs } = current();
    return new Exchange(nextId(), nowMs(), method);
  };
  return {
    refuse(error: ErrorName, method: string, socket: Socket): void {
      const exchange = begin(method);
      refuseSocket(error, exchange.id, socket);
      recordEnd(exchange, errors[error].status, current());
    },
    missed(method: string): void {
      const exchange = begin(method);
      exchange.ending = 'abandoned';
      recordEnd(exchange, CLIENT_LEFT, current());
    },
  };
}

/** Answers a connection that never became a request, in the same shape as every other error, and closes it. */
function refuseSocket(name: ErrorName, requestId: string, socket: Duplex): void {
  const { status, code, message } = errors[name];
  const body = renderErrorBody(code, message);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    ...Object.entries(requestIdHeaders(requestId)).map(([name, value]) => `${name}: ${value}`),
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  closeSoon(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}
