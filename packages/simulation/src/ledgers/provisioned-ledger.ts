import type { HeaderLookup } from '@spillway/core';
import { type Call, chargedTokens } from '../call.ts';
import type { Ledger } from './ledger.ts';

const AZURE_MINUTE_MS = 60_000;

/**
 * Provisioned throughput: a bucket that holds a minute's tokens and drains all the time. It may overflow by one call,
 * takes none while it overflows, leaves out what the prompt cache has, and is corrected by the answer's real usage.
 */
export class ProvisionedLedger implements Ledger {
  readonly #capacity: number;
  readonly #minuteMs: number;
  #level = 0;
  #sinceMs = 0;
  servedTokens = 0;

  constructor(tpm: number, minuteMs = AZURE_MINUTE_MS) {
    this.#capacity = tpm;
    this.#minuteMs = minuteMs;
  }

  allowedTokens(durationMs: number): number {
    return this.#capacity * (1 + durationMs / this.#minuteMs);
  }

  usedShare(nowMs: number): number {
    return this.#levelAt(nowMs) / this.#capacity;
  }

  hasRoom(_call: Call, nowMs: number): boolean {
    return this.#overMs(nowMs) === 0;
  }

  charge(call: Call, nowMs: number): void {
    this.#pour(chargedTokens(call) - call.cachedTokens, nowMs);
  }

  finish({ outputTokens, maxTokens }: Call, nowMs: number): void {
    this.#pour(outputTokens - maxTokens, nowMs);
  }

  describe(refused: Call | undefined, nowMs: number): HeaderLookup {
    const utilization = this.usedShare(nowMs);
    const waitMs = refused && Math.ceil(this.#overMs(nowMs));
    return (name) => {
      switch (name) {
        case 'azure-openai-deployment-utilization':
          return `${(utilization * 100).toFixed(1)}%`;
        case 'retry-after-ms':
          return waitMs === undefined ? undefined : String(waitMs);
        case 'retry-after':
          return waitMs === undefined ? undefined : String(Math.ceil(waitMs / 1000));
        default:
          return undefined;
      }
    };
  }

  #pour(tokens: number, nowMs: number): void {
    const before = this.#levelAt(nowMs);
    this.#level = Math.max(0, before + tokens);
    this.#sinceMs = nowMs;
    this.servedTokens += this.#level - before;
  }

  #levelAt(nowMs: number): number {
    return Math.max(0, this.#level - ((nowMs - this.#sinceMs) * this.#capacity) / this.#minuteMs);
  }

  /** How long it overflows if nothing is poured in. */
  #overMs(nowMs: number): number {
    const overMs = ((this.#levelAt(nowMs) - this.#capacity) * this.#minuteMs) / this.#capacity;
    // A floating-point remainder after the requested wait is no reason to wait again.
    return overMs > 1e-6 ? overMs : 0;
  }
}
