import type { ExhaustedCause } from '@spillway/core';
import type { Exchange } from '../exchange.ts';
import { RATE_S } from './group-traffic.ts';
import { RollingCount } from './rolling-count.ts';

/** Why a client saw a 429 or 5xx; `relayed` is an answer of a backend that was passed on. */
export type RefusalCause = ExhaustedCause | 'issuer-unavailable' | 'internal' | 'relayed';

/** Requests that were refused for one cause. */
export interface RefusalRate {
  readonly cause: RefusalCause;
  readonly requestsPerSecond: number;
}

/** Counts the 429s and 5xx that clients see, by cause. */
export class RefusalTraffic {
  readonly #all = new RollingCount(RATE_S);
  readonly #byCause = new Map<RefusalCause, RollingCount>();

  note(exchange: Exchange, nowMs: number): void {
    this.#all.add(1, nowMs);
    const cause = causeOf(exchange);
    let count = this.#byCause.get(cause);
    if (count === undefined) this.#byCause.set(cause, (count = new RollingCount(RATE_S)));
    count.add(1, nowMs);
  }

  perSecond(nowMs: number): number {
    return this.#all.perSecond(RATE_S, nowMs);
  }

  /** Returns the causes of the last seconds. */
  ratesAt(nowMs: number): RefusalRate[] {
    return [...this.#byCause]
      .map(([cause, count]) => ({ cause, requestsPerSecond: count.perSecond(RATE_S, nowMs) }))
      .filter(({ requestsPerSecond }) => requestsPerSecond > 0);
  }
}

function causeOf({ cause, authenticationFailure, refusal, served }: Exchange): RefusalCause {
  if (cause !== undefined) return cause;
  if (authenticationFailure === 'issuer-unavailable') return 'issuer-unavailable';
  if (refusal === 'overloaded') return 'overloaded';
  return served === undefined ? 'internal' : 'relayed';
}
