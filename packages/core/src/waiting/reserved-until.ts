import type { Quota } from '../quota/quota.ts';
import type { RoomSought } from '../quota/room-sought.ts';
import type { TokenEstimate } from '../token-estimate.ts';

/**
 * Answers until when a request must leave a quota alone so that another does not get its room later; minus infinity if
 * there will be room for both.
 *
 * @param room what is kept for the other
 * @param atMs when that is expected to be there
 */
export function keptUntilMs(
  quota: Quota,
  estimate: TokenEstimate | undefined,
  room: RoomSought,
  atMs: number,
  nowMs: number,
): number {
  const both = sumOf(estimate, room.estimate);
  // If it does not go although there seems to be room, what is known of the quota is wrong.
  if (quota.isTooMuch(both, 2) || quota.hasRoomAt(room.estimate, room.reserved, nowMs)) return atMs;
  const bothAtMs = quota.roomAtMs(both, room.reserved, nowMs, 2);
  return bothAtMs <= atMs ? Number.NEGATIVE_INFINITY : bothAtMs;
}

function sumOf(one: TokenEstimate | undefined, other: TokenEstimate | undefined): TokenEstimate {
  return {
    promptTokens: (one?.promptTokens ?? 0) + (other?.promptTokens ?? 0),
    outputTokens: (one?.outputTokens ?? 0) + (other?.outputTokens ?? 0),
  };
}
