import type { Quota } from '../quota/quota.ts';
import type { RoutingRequest, TokenEstimate } from '../routing-request.ts';

/** The room that a request needs. */
export interface RoomSought {
  readonly estimate: TokenEstimate | undefined;
  /** The share of every quota that is reserved for more urgent requests. */
  readonly reserved: number;
}

/** The question put to every backend at one moment. */
export interface Question {
  readonly nowMs: number;
  /** The required room; without it, the remaining quota is not looked at. */
  readonly room?: RoomSought | undefined;
  /** The request to the deployment; without it, the operations it has declined are not looked at. */
  readonly routing?: RoutingRequest | undefined;
}

/** Returns whether a quota has no room for the request. */
export function isFull(quota: Quota, { room, nowMs }: Question): boolean {
  if (room === undefined) return false;
  const { estimate, reserved } = room;
  const isTooLarge = quota.exceedsLimit(estimate) && !quota.isLimitInDoubtAt(estimate, nowMs);
  return isTooLarge || !quota.hasRoomAt(estimate, reserved, nowMs);
}
