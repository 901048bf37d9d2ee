import { REFUSAL_REASONS } from '../../client/authentication-failed.ts';
import type { Exchange } from '../exchange.ts';
import { type ByKey, byKey, classOf, STATUSES } from './label-values.ts';
import type { RequestSeries } from './request-metric-list.ts';
import type { Counter } from './series.ts';

const REASONS = [...REFUSAL_REASONS, 'issuer-unavailable'] as const;
const BUDGET_STATUSES = ['429', '4xx'] as const;

/** Counters of one client's requests, by the status that it saw. */
interface OfClient {
  readonly requests: ByKey<(typeof STATUSES)[number]>;
  readonly overBudget: ByKey<(typeof BUDGET_STATUSES)[number]>;
}

/** Counts requests by their configured clients, and requests of unknown clients. */
export class ClientMetrics {
  readonly #series: RequestSeries;
  readonly #clients = new Map<string, OfClient>();
  /** Empty until there are clients. */
  #failures: Partial<ByKey<(typeof REASONS)[number]>> = {};
  readonly #throttledFailures: Counter;

  constructor(series: RequestSeries, clients: readonly string[]) {
    this.#series = series;
    this.#throttledFailures = series.throttledFailures();
    this.add(clients);
  }

  /** Begins the series of new clients, and with the first those of failed authentications. */
  add(clients: readonly string[]): void {
    if (clients.length > 0) this.#failures = byKey(REASONS, this.#series.authenticationFailures);
    for (const client of clients) if (!this.#clients.has(client)) this.#begin(client);
  }

  note({ client, clientStatus, isOverBudget, authenticationFailure: reason }: Exchange): void {
    if (client !== undefined) {
      const { requests, overBudget } = this.#clients.get(client) ?? this.#begin(client);
      requests[classOf(clientStatus)].add(1);
      if (isOverBudget) overBudget[clientStatus === 429 ? '429' : '4xx'].add(1);
    } else if (reason !== undefined) {
      (this.#failures[reason] ?? this.#series.authenticationFailures(reason)).add(1);
      if (clientStatus === 429) this.#throttledFailures.add(1);
    }
  }

  #begin(client: string): OfClient {
    const made = {
      requests: byKey(STATUSES, (status) => this.#series.clientRequests(client, status)),
      overBudget: byKey(BUDGET_STATUSES, (status) => this.#series.budgetRefusals(client, status)),
    };
    this.#clients.set(client, made);
    return made;
  }
}
