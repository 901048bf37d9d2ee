import { replayLedger, type BackendLedger, type LedgerEntry } from './backend-ledger.ts';
import type { Refusal } from './judge-refusals.ts';
import type { RoomReplay } from './room-replay.ts';

/** A backend that had no room for any request, and then had some again. */
export interface Recovery {
  readonly backend: string;
  readonly openedAtMs: number;
  /** From there to the backend's next request: this also counts time in which nobody asked for anything that fitted. */
  readonly idleMs: number;
  /**
   * How long the room was unused although it was asked for: until the last client was refused a request that fitted by
   * then, and from when the next request could have come until it did.
   */
  readonly lateMs: number;
}

/** The input of the search for recoveries; all moments are milliseconds since 1970. */
export interface RecoverySearch {
  readonly fromMs: number;
  readonly toMs: number;
  /** The smallest request offered: a backend without room for it has none at all. */
  readonly smallestTokens: number;
  readonly refusals: readonly Refusal[];
  readonly sentAtMs: (requestNumber: number) => number | undefined;
}

/** Finds each time that a backend got room again, and the time until its next request. */
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
  // Nothing is charged in between, so room that exists once lasts until then; a moment earlier the request itself is
  // not charged.
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
