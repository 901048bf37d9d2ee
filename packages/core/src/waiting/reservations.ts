import type { Quota } from '../quota/quota.ts';
import type { RoutingRequest } from '../routing-request.ts';

/** A request that waits, and room is kept for it. */
export interface Reservation {
  readonly routing: RoutingRequest;
  /** When the room is expected to be there. */
  readonly looksAtMs: number;
}

/** For whom room is kept of which quota: of several that await the same, the first. */
export type Reservations = ReadonlyMap<Quota, Reservation>;
