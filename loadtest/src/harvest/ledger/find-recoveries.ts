import { replayLedger, type BackendLedger, type LedgerEntry } from './backend-ledger.ts';
import type { Refusal } from './judge-refusals.ts';
import type { RoomReplay } from './room-replay.ts';

/** A backend that had no room for anything, and then had some again. */
export interface Recovery {
  readonly backend: string;
  readonly openedAtMs: number;
  /** From there to the backend's next request: also as long as nobody asked for what it could hold. */
  readonly idleMs: number;
  /**
   * For how long the room was not used though it was asked for: until the last client that was refused what the backend
   * could hold by then, and from when the request that came next could have come to when it did.
   */
  readonly lateMs: number;
}

/** What recoveries are looked for in; all moments are milliseconds since 1970. */
export interface RecoverySearch {
  readonly fromMs: number;
  readonly toMs: number;
  /** The smallest request that was offered: who has no room for it has none at all. */
  readonly smallestTokens: number;
  readonly refusals: readonly Refusal[];
  readonly sentAtMs: (requestNumber: number) => number | undefined;
}

/** Finds each time that a backend got room again, and how long it took until its next request. */
export function findRecoveries(ledgers: readonly BackendLedger[], search: RecoverySearch): Recovery[] {
  return ledgers.flatMap((ledger) => {
    const replay = replayLedger(ledger);
    const admitted = ledger.entries.filter(({ isAdmitted }) => isAdmitted);
    const openings = replay.openings(search.smallestTokens, search.fromMs, search.toMs);
    return openings.flatMap((openedAtMs): Recovery[] => {
      const next = admitted.find(({ judgedAtMs }) => judgedAtMs >= openedAtMs);
      if (next === undefined) return [];
      const idleMs = next.judgedAtMs - openedAtMs;
      const lateMs = Math.max(
        takenLate(replay, openedAtMs, next, search),
        ...refusedLate(replay, openedAtMs, next, search),
      );
      return [{ backend: ledger.name, openedAtMs, idleMs, lateMs }];
    });
  });
}

function takenLate(
  replay: RoomReplay,
  openedAtMs: number,
  { requestNumber, tokens, judgedAtMs }: LedgerEntry,
  { sentAtMs }: RecoverySearch,
): number {
  // Nothing is charged between, so that what has room once has it until then; a moment earlier it is not charged itself.
  const couldAtMs = Math.max(
    replay.firstRoom(tokens, openedAtMs, justBefore(judgedAtMs)) ?? judgedAtMs,
    sentAtMs(requestNumber) ?? openedAtMs,
  );
  return Math.max(0, judgedAtMs - couldAtMs);
}

function refusedLate(
  replay: RoomReplay,
  openedAtMs: number,
  next: LedgerEntry,
  { refusals }: RecoverySearch,
): number[] {
  return refusals
    .filter(({ atMs }) => atMs >= openedAtMs && atMs < next.judgedAtMs)
    .flatMap(({ tokens, atMs }) => {
      const couldAtMs = replay.firstRoom(tokens, openedAtMs, atMs);
      return couldAtMs === undefined ? [] : [atMs - couldAtMs];
    });
}

function justBefore(atMs: number): number {
  return atMs - 0.001;
}
