import type { Backend } from '@spillway/core';
import type { Call } from './call.ts';
import type { SimulatedRequest } from './simulated-request.ts';

/** The requests on their way, each at a place whose number events can carry. Places are reused once free. */
export class RequestPlaces<C extends Call, B extends Backend> {
  readonly #requests: (SimulatedRequest<C, B> | undefined)[] = [];
  readonly #free: number[] = [];

  take(request: SimulatedRequest<C, B>): number {
    const place = this.#free.pop() ?? this.#requests.length;
    this.#requests[place] = request;
    return place;
  }

  at(place: number): SimulatedRequest<C, B> {
    const request = this.#requests[place];
    if (request === undefined) throw new Error(`an event is about place ${place}, where no request is`);
    return request;
  }

  leave(place: number): void {
    this.#requests[place] = undefined;
    this.#free.push(place);
  }
}
