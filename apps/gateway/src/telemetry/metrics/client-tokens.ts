import type { AnswerUsage } from '../exchange.ts';
import { type ByKey, byKey, TOKEN_KINDS } from './label-values.ts';
import type { RequestSeries } from './request-metric-list.ts';

/** Each for one client and deployment. */
const MAX_BEGUN = 200;

type Tokens = ByKey<(typeof TOKEN_KINDS)[number]>;

/** Counts tokens by client and deployment: names of the configuration, so there are few. */
export class ClientTokens {
  readonly #series: RequestSeries;
  /** By client, and then by the deployment's label. */
  readonly #clients = new Map<string, Map<string, Tokens>>();

  constructor(series: RequestSeries) {
    this.#series = series;
  }

  /**
   * Begins the series of all clients and deployments, unless there are too many, so that a rate is known from the first
   * count on.
   */
  begin(clients: readonly string[], deployments: readonly string[]): void {
    if (clients.length * deployments.length > MAX_BEGUN) return;
    for (const client of clients)
      for (const deployment of deployments)
        if (this.#clients.get(client)?.has(deployment) !== true) this.#add(client, deployment);
  }

  note(client: string, deployment: string, usage: AnswerUsage): void {
    countTokens(this.#clients.get(client)?.get(deployment) ?? this.#add(client, deployment), usage);
  }

  #add(client: string, deployment: string): Tokens {
    const made = byKey(TOKEN_KINDS, (kind) => this.#series.clientTokens(client, deployment, kind));
    const ofClient = this.#clients.get(client) ?? new Map<string, Tokens>();
    this.#clients.set(client, ofClient.set(deployment, made));
    return made;
  }
}

/** Counts the usage of an answer. */
export function countTokens({ prompt, completion, cached, reasoning }: Tokens, usage: AnswerUsage): void {
  prompt.add(usage.promptTokens);
  completion.add(usage.outputTokens);
  cached.add(usage.cachedTokens);
  reasoning.add(usage.reasoningTokens);
}
