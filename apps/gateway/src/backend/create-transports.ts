import type { WaitingRoom } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import type { Destination } from './forward-attempt.ts';
import { HedgedTransport } from './hedged-transport.ts';
import { RequestTransport, type TimedRequest } from './request-transport.ts';

/** Returns the transport that takes a request to its backends. */
export type TransportOf = (request: TimedRequest, destination: Destination) => RequestTransport;

/** Makes the function that chooses a request's transport. Uploads, which can be sent once, and sessions are not hedged. */
export function createTransports(hedge: Config['hedge'], room: WaitingRoom | undefined): TransportOf {
  return (request, destination) =>
    hedge === undefined || request.upload !== undefined || request.upgrade !== undefined
      ? new RequestTransport(request, destination, room)
      : new HedgedTransport(request, destination, room, hedge.afterMs);
}
