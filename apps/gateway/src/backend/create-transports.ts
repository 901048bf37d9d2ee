import type { WaitingRoom } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import type { Destination } from './forward-attempt.ts';
import { HedgedTransport } from './hedged-transport.ts';
import { RequestTransport, type TimedRequest } from './request-transport.ts';

/** Makes the function that answers what takes a request to its backends. An upload is not hedged: it can be sent once. */
export function createTransports(hedge: Config['hedge'], room: WaitingRoom | undefined) {
  return (request: TimedRequest, destination: Destination): RequestTransport =>
    hedge === undefined || request.upload !== undefined
      ? new RequestTransport(request, destination, room)
      : new HedgedTransport(request, destination, room, hedge.afterMs);
}
