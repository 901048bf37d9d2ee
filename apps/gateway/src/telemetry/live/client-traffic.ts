import { isCountable, tokensOf } from '@spillway/core';
import type { Exchange } from '../exchange.ts';
import { RATE_S } from './group-traffic.ts';
import { RollingCount } from './rolling-count.ts';

const MINUTE_S = 60;
const FIVE_MINUTES_S = 300;

/** Counts of a client's requests, tokens and refusals. */
interface Counts {
  readonly requests: RollingCount;
  readonly tokens: RollingCount;
  readonly refused: RollingCount;
  readonly overBudget: RollingCount;
}

/** One client's requests in the last minute. */
export interface ClientRates {
  /** Finished requests. */
  readonly requestsPerMinute: number;
  /** Served by backends: as answers report them, or as estimated where they do not; undefined if there were none. */
  readonly tokensPerMinute: number | undefined;
  /** Of its requests, those refused before any backend was asked. */
  readonly refusedPerMinute: number;
  /** Of its requests, those that its own budgets did not admit. */
  readonly overBudgetPerMinute: number;
}

/** Refusals of all clients together because they have spent their own budgets. */
export interface OverBudgetRates {
  readonly refusedPerSecond: number;
  /** The 429s among the refusals of the last five minutes. */
  readonly throttled: number;
  /** Whether there was any refusal in the last five minutes. */
  readonly isAny: boolean;
  /** The number of clients that were refused in the last seconds. */
  readonly clients: number;
}

const NOTHING: ClientRates = {
  requestsPerMinute: 0,
  tokensPerMinute: undefined,
  refusedPerMinute: 0,
  overBudgetPerMinute: 0,
};

/** Counts each client's requests of the last minute, for the live page. */
export class ClientTraffic {
  readonly #clients = new Map<string, Counts>();
  readonly #overBudget = new RollingCount(FIVE_MINUTES_S);
  readonly #throttled = new RollingCount(FIVE_MINUTES_S);

  note(client: string, exchange: Exchange): void {
    const { endedMs: nowMs, clientStatus, isOwnRefusal, isOverBudget } = exchange;
    const { requests, tokens, refused, overBudget } = this.#clients.get(client) ?? this.#begin(client);
    requests.add(1, nowMs);
    tokens.add(servedTokens(exchange), nowMs);
    if (isOwnRefusal) refused.add(1, nowMs);
    if (!isOverBudget) return;
    overBudget.add(1, nowMs);
    this.#overBudget.add(1, nowMs);
    if (clientStatus === 429) this.#throttled.add(1, nowMs);
  }

  ratesOf(client: string, nowMs: number): ClientRates {
    const counts = this.#clients.get(client);
    if (counts === undefined) return NOTHING;
    return {
      requestsPerMinute: counts.requests.within(MINUTE_S, nowMs),
      tokensPerMinute: counts.tokens.within(MINUTE_S, nowMs) || undefined,
      refusedPerMinute: counts.refused.within(MINUTE_S, nowMs),
      overBudgetPerMinute: counts.overBudget.within(MINUTE_S, nowMs),
    };
  }

  overBudgetAt(nowMs: number): OverBudgetRates {
    const clients = [...this.#clients.values()];
    return {
      refusedPerSecond: this.#overBudget.perSecond(RATE_S, nowMs),
      isAny: this.#overBudget.within(FIVE_MINUTES_S, nowMs) > 0,
      throttled: this.#throttled.within(FIVE_MINUTES_S, nowMs),
      clients: clients.filter(({ overBudget }) => overBudget.within(RATE_S, nowMs) > 0).length,
    };
  }

  /** Forgets the clients that are no longer configured. */
  keep(names: { has(name: string): boolean }): void {
    for (const name of this.#clients.keys()) if (!names.has(name)) this.#clients.delete(name);
  }

  #begin(client: string): Counts {
    const made = {
      requests: new RollingCount(MINUTE_S),
      tokens: new RollingCount(MINUTE_S),
      refused: new RollingCount(MINUTE_S),
      overBudget: new RollingCount(MINUTE_S),
    };
    this.#clients.set(client, made);
    return made;
  }
}

/** Many streams report no usage, and take their quota nevertheless. */
function servedTokens({ served, usage, estimate }: Exchange): number {
  const tokens = served === undefined ? 0 : tokensOf(usage ?? estimate);
  return isCountable(tokens) ? Math.round(tokens) : 0;
}
