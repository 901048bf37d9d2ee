import { RoomReplay, type Rates } from './room-replay.ts';

/** One backend's judgement of one attempt; all moments are milliseconds since 1970. */
export interface LedgerEntry {
  /** The number of the client's request. */
  readonly requestNumber: number;
  readonly isAdmitted: boolean;
  /** Its charge, real or refused. */
  readonly tokens: number;
  readonly judgedAtMs: number;
  /** How long the backend itself took from the request's arrival to the end of its answer. */
  readonly tookMs: number | undefined;
}

/** Everything that one backend judged, in order, with its limits. */
export interface BackendLedger {
  readonly name: string;
  readonly rates: Rates;
  readonly entries: readonly LedgerEntry[];
}

/** Replays a ledger as the backend itself saw it. */
export function replayLedger({ entries, rates }: BackendLedger): RoomReplay {
  const admitted = entries.filter(({ isAdmitted }) => isAdmitted);
  return new RoomReplay(
    admitted.map(({ tokens, judgedAtMs }) => ({ tokens, judgedAtMs, fromMs: judgedAtMs })),
    rates,
  );
}

/**
 * Replays a ledger as a gateway could know it: a request on its way to the backend already holds its room, from when
 * its client sent it, but for no longer than a message travels.
 */
export function replayWithTravel(
  { entries, rates }: BackendLedger,
  sentAtMs: (requestNumber: number) => number | undefined,
  travelMs: number,
): RoomReplay {
  const admitted = entries.filter(({ isAdmitted }) => isAdmitted);
  return new RoomReplay(
    admitted.map(({ requestNumber, tokens, judgedAtMs }) => {
      const sent = sentAtMs(requestNumber) ?? judgedAtMs;
      return { tokens, judgedAtMs, fromMs: Math.min(judgedAtMs, Math.max(sent, judgedAtMs - travelMs)) };
    }),
    rates,
  );
}

/** Counts the attempts whose replay disagrees with the backend: any at all means that the replay proves nothing. */
export function countDisagreements(ledger: BackendLedger): number {
  const replay = replayLedger(ledger);
  return ledger.entries.filter(
    ({ tokens, judgedAtMs, isAdmitted }) => replay.hadRoomOnArrival(tokens, judgedAtMs) !== isAdmitted,
  ).length;
}
