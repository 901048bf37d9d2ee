import type { Held, SimulatedRequest } from '@spillway/simulation';

/** One of several gateways in front of the same backends: it knows them only through its own answers. */
export interface Replica {
  /**
   * Serves a request with as many attempts as needed. Returns the hold of its answer, or `undefined` if it is refused.
   */
  serve(request: SimulatedRequest): Promise<Held | undefined>;
  /** The requests that hold a slot at a backend. */
  inFlight(nowMs: number): number;
}
