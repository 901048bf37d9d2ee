import type { Socket } from 'node:net';
import { type ErrorName, errors } from '../errors.ts';
import type { Runtime } from '../proxy/runtime.ts';
import { CLIENT_LEFT, Exchange } from '../telemetry/exchange.ts';
import { refuseSocket } from './refuse-socket.ts';

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
