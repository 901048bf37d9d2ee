import { replayLedger, replayWithTravel, type BackendLedger } from './backend-ledger.ts';

/** A 429 that a client got; its moments are milliseconds since 1970. */
export interface Refusal {
  /** The charge of the request at a backend. */
  readonly tokens: number;
  /** When the client got it. */
  readonly atMs: number;
}

/** How many refusals were avoidable. */
export interface AvoidableCount {
  /** A backend had room at the very moment at which the client was refused. */
  readonly atThatMoment: number;
  /** Avoidable as far as a gateway could have known: see `messageTravelMs`. */
  readonly knowably: number;
}

/**
 * How long a message may travel, in real time. A gateway cannot know sooner that room has come back, nor can the
 * backend know sooner of a request sent to it. So, as far as a gateway can know, a refusal was avoidable if one backend
 * had room for that very request even without the room returned within this time. A request that a client had sent and
 * that a backend accepted at most this time later holds its room from when it was sent.
 */
const messageTravelMs = 50;

/** Counts the refusals of requests that a backend had room for, by the backends' own ledgers. */
export function judgeRefusals(
  refusals: readonly Refusal[],
  ledgers: readonly BackendLedger[],
  sentAtMs: (requestNumber: number) => number | undefined,
  travelMs = messageTravelMs,
): AvoidableCount {
  const seen = ledgers.map(replayLedger);
  const known = ledgers.map((ledger) => replayWithTravel(ledger, sentAtMs, travelMs));
  const atThatMoment = refusals.filter(({ tokens, atMs }) =>
    seen.some((replay) => replay.hasRoomAt(tokens, atMs)),
  );
  const knowably = refusals.filter(({ tokens, atMs }) =>
    known.some((replay) => replay.hadRoomFor(travelMs, tokens, atMs)),
  );
  return { atThatMoment: atThatMoment.length, knowably: knowably.length };
}
