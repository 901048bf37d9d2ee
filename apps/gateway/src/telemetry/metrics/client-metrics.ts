import { REFUSAL_REASONS } from '../../client/authentication-failed.ts';
import type { Exchange } from '../exchange.ts';
import { type ByKey, byKey, classOf, STATUSES } from './label-values.ts';
import type { RequestSeries } from './request-metric-list.ts';

const REASONS = [...REFUSAL_REASONS, 'issuer-unavailable'] as const;

/** Counts requests by their clients, which are those of the configuration, and requests whose client is not known. */
export class ClientMetrics {
  readonly #series: RequestSeries;
  readonly #requests = new Map<string, ByKey<(typeof STATUSES)[number]>>();
  readonly #failures: ByKey<(typeof REASONS)[number]>;

  constructor(series: RequestSeries, clients: readonly string[]) {
    this.#series = series;
    this.#failures = byKey(clients.length === 0 ? [] : REASONS, series.authenticationFailures);
    for (const client of clients) this.#add(client);
  }

  note({ client, clientStatus, authenticationFailure: reason }: Exchange): void {
    if (client !== undefined) (this.#requests.get(client) ?? this.#add(client))[classOf(clientStatus)].add(1);
    else if (reason !== undefined)
      (this.#failures[reason] ?? this.#series.authenticationFailures(reason)).add(1);
  }

  #add(client: string): ByKey<(typeof STATUSES)[number]> {
    const made = byKey(STATUSES, (status) => this.#series.clientRequests(client, status));
    this.#requests.set(client, made);
    return made;
  }
}
