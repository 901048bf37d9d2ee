import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorName, errors } from '../errors.ts';
import type { Runtime } from '../proxy/runtime.ts';
import { CLIENT_LEFT, Exchange } from '../telemetry/exchange.ts';
import { closeSoon } from '../connection/close-soon.ts';
import { renderErrorBody, requestIdHeaders } from '../response/render-error.ts';

/** Makes the handlers that answer and record whatever never became a request, or did but never had its turn. */
export function createEarlyRefusals(current: () => Pick<Runtime, 'nowMs' | 'nextId' | 'sinks'>) {
  const begin = (method: string): Exchange => {
    const { nextId, nowMs } = current();
    return new Exchange(nextId(), nowMs(), method);
  };
  const end = (exchange: Exchange, status: number): void => {
    const { sinks, nowMs } = current();
    exchange.noteEnd(status, nowMs());
    for (const sink of sinks) sink.record(exchange);
  };
  return {
    refuse(error: ErrorName, method: string, socket: Socket): void {
      const exchange = begin(method);
      refuseSocket(error, exchange.id, socket);
      end(exchange, errors[error].status);
    },
    missed(method: string): void {
      const exchange = begin(method);
      exchange.ending = 'abandoned';
      end(exchange, CLIENT_LEFT);
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
