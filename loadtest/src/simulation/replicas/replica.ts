import type { Held, SimulatedRequest } from '@spillway/simulation';

/** One gateway among several before the same backends: all it knows of them is what it has been answered itself. */
export interface Replica {
  /** Serves a request with as many attempts as that takes. Answers what it holds, or `undefined` if it is refused. */
  serve(request: SimulatedRequest): Promise<Held | undefined>;
  /** The requests that hold a slot at a backend. */
  inFlight(nowMs: number): number;
}
