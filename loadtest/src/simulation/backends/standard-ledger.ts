import type { HeaderLookup } from '@spillway/core';
import { type Call, chargedTokens } from '../traffic/call.ts';
import type { Ledger } from './ledger.ts';
import { RollingWindow } from './rolling-window.ts';

/** The windows that limits are counted in. */
const AZURE_WINDOWS = { tokenWindowMs: 60_000, requestWindowMs: 10_000 };
/** What Azure tells a request that is more than the whole quota is not known. */
const LONGEST_WAIT_MS = 60_000;

/** A pay-as-you-go quota: tokens of a rolling minute and requests of rolling ten seconds, charged on arrival for good. */
export class StandardLedger implements Ledger {
  readonly #tokens: RollingWindow;
  readonly #requests: RollingWindow;
  readonly #rpm: number;
  readonly #minuteMs: number;
  servedTokens = 0;

  /** @param tpm infinite where there is no limit, as may be `rpm` */
  constructor(tpm: number, rpm: number, { tokenWindowMs, requestWindowMs } = AZURE_WINDOWS) {
    this.#tokens = new RollingWindow(tpm, tokenWindowMs);
    this.#requests = new RollingWindow(Math.ceil((rpm * requestWindowMs) / tokenWindowMs), requestWindowMs);
    this.#rpm = rpm;
    this.#minuteMs = tokenWindowMs;
  }

  allowedTokens(durationMs: number): number {
    return this.#tokens.limit * Math.ceil(durationMs / this.#minuteMs);
  }

  usedShare(nowMs: number): number {
    const tokens = this.#tokens.usedAt(nowMs) / this.#tokens.limit;
    return Math.max(tokens, this.#requests.usedAt(nowMs) / this.#requests.limit);
  }

  hasRoom(call: Call, nowMs: number): boolean {
    return this.#tokens.hasRoom(chargedTokens(call), nowMs) && this.#requests.hasRoom(1, nowMs);
  }

  charge(call: Call, nowMs: number): void {
    const tokens = chargedTokens(call);
    this.#tokens.charge(tokens, nowMs);
    this.#requests.charge(1, nowMs);
    this.servedTokens += tokens;
  }

  finish(): void {
    // An answer that is short gives nothing back.
  }

  /** Newer models tell the requests of a minute, although those of ten seconds are what is limited. */
  describe(refused: Call | undefined, nowMs: number): HeaderLookup {
    const remainingTokens = this.#tokens.limit - this.#tokens.usedAt(nowMs);
    const remainingRequests = this.#rpm - this.#tokens.countAt(nowMs);
    const waitMs = refused && this.#waitMs(refused, nowMs);
    return (name) => {
      switch (name) {
        case 'x-ratelimit-limit-tokens':
          return textOf(this.#tokens.limit);
        case 'x-ratelimit-remaining-tokens':
          return textOf(remainingTokens);
        case 'x-ratelimit-limit-requests':
          return textOf(this.#rpm);
        case 'x-ratelimit-remaining-requests':
          return textOf(remainingRequests);
        case 'retry-after':
          return waitMs === undefined ? undefined : String(Math.ceil(waitMs / 1000));
        default:
          return undefined;
      }
    };
  }

  #waitMs(call: Call, nowMs: number): number {
    const waitMs = Math.max(this.#tokens.waitMs(chargedTokens(call), nowMs), this.#requests.waitMs(1, nowMs));
    return Math.min(waitMs, LONGEST_WAIT_MS);
  }
}

/** Nothing is told of a limit that there is not. */
function textOf(limit: number): string | undefined {
  return Number.isFinite(limit) ? String(limit) : undefined;
}
