import type { HeaderLookup } from '@spillway/core';
import type { Call } from '../call.ts';

/** The quota of one simulated backend as it is spent: the truth, where replicas have only beliefs. */
export interface Ledger {
  /** The tokens that it can serve in a time that begins with nothing spent. */
  allowedTokens(durationMs: number): number;
  /** The tokens that it has served, which are at most those allowed. */
  readonly servedTokens: number;
  /** Returns whether a call that came now would be served. */
  hasRoom(call: Call, nowMs: number): boolean;
  charge(call: Call, nowMs: number): void;
  /** Returns which share of it is in use: of tokens or of requests, whichever is more. */
  usedShare(nowMs: number): number;
  /** The answer to a call that was charged has ended. */
  finish(call: Call, nowMs: number): void;
  /** Returns what the head of an answer given now says about the quota; for a refusal, how long it is spent. */
  describe(refused: Call | undefined, nowMs: number): HeaderLookup;
}
