import type { Socket } from 'node:net';
import { type ErrorName, errors } from '../errors.ts';
import { refuseSocket } from './refuse-socket.ts';
import { CLIENT_LEFT, Exchange } from '../telemetry/exchange.ts';

/** What a record is made of and who takes it. */
interface Recording {
  readonly nowMs: () => number;
  readonly nextId: () => string;
  readonly record: (exchange: Exchange) => void;
}

/** Makes what answers, and records, whatever never became a request, or did but never had its turn. */
export function createEarlyRefusals({ nowMs, nextId, record }: Recording) {
  return {
    refuse(error: ErrorName, method: string, socket: Socket): void {
      const exchange = new Exchange(nextId(), nowMs(), method);
      exchange.status = errors[error].status;
      refuseSocket(error, exchange.id, socket);
      record(exchange);
    },
    missed(method: string): void {
      const exchange = new Exchange(nextId(), nowMs(), method);
      exchange.status = CLIENT_LEFT;
      exchange.ending = 'abandoned';
      record(exchange);
    },
  };
}
