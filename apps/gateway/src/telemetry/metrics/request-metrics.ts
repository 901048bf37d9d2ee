import type { AttemptRecord, Backend, ExhaustedCause, SpillCause } from '@spillway/core';
import type { Exchange, Sink } from '../exchange.ts';
import { AttemptMetrics } from './attempt-metrics.ts';
import { ClientMetrics } from './client-metrics.ts';
import { ClientTokens, countTokens } from './client-tokens.ts';
import { type DeploymentNames, withUnnamed } from './deployment-names.ts';
import { FallbackMetrics } from './fallback-metrics.ts';
import {
  type ByKey,
  byKey,
  classOf,
  EXHAUSTED_CAUSES,
  REFUSALS,
  SPILL_CAUSES,
  STATUSES,
  TOKEN_KINDS,
} from './label-values.ts';
import type { Registry } from './registry.ts';
import { createRequestSeries, type RequestSeries } from './request-metric-list.ts';
import type { Counter, Histogram } from './series.ts';

const MS = 1000;
const NOBODY = 'none';
/** Counters of the requests for one deployment that one backend has served. */
interface Served {
  readonly statuses: ByKey<(typeof STATUSES)[number]>;
  readonly tokens: ByKey<(typeof TOKEN_KINDS)[number]>;
}

/** Counters of the requests for one deployment. */
interface Requested {
  readonly label: string;
  /** By the backend's name. */
  readonly served: Map<string, Served>;
  readonly estimates: ByKey<'prompt' | 'completion'>;
  readonly untold: Counter;
  readonly duration: Histogram;
  readonly firstByte: Histogram;
}

/**
 * Counts finished requests. Each series is found once and kept, so a request costs only a few look-ups by existing
 * names.
 */
export class RequestMetrics implements Sink {
  readonly names: DeploymentNames;
  readonly fallbacks: FallbackMetrics;
  readonly #series: RequestSeries;
  readonly #requested = new Map<string, Requested>();
  readonly #attempts: AttemptMetrics;
  readonly #clients: ClientMetrics;
  readonly #clientTokens: ClientTokens;
  #clientNames: readonly string[];
  readonly #spills = new Map<string, Counter>();
  readonly #exhausted: ByKey<ExhaustedCause>;
  readonly #refusals: ReadonlyMap<number, Counter>;
  readonly #broken: ByKey<'interrupted' | 'abandoned'>;
  readonly #overhead: Histogram;
  readonly #waits: Histogram;

  /**
   * @param names the deployment names of these backends, and of all that are added
   * @param clients their names
   */
  constructor(
    registry: Registry,
    names: DeploymentNames,
    backends: readonly Backend[],
    clients: readonly string[],
  ) {
    const series = (this.#series = createRequestSeries(registry));
    this.names = names;
    this.fallbacks = new FallbackMetrics(series, names);
    this.#attempts = new AttemptMetrics(series, this.names);
    this.#clientTokens = new ClientTokens(series);
    this.#exhausted = byKey(EXHAUSTED_CAUSES, series.exhausted);
    this.#refusals = new Map(REFUSALS.map((status) => [status, series.refusals(String(status))]));
    this.#broken = byKey(['interrupted', 'abandoned'], series.broken);
    this.#overhead = series.overhead();
    this.#waits = series.waits();
    this.#clients = new ClientMetrics(series, clients);
    this.#clientNames = clients;
    this.add(backends);
  }

  /** Begins the series of new backends and deployments. */
  add(backends: readonly Backend[]): void {
    // First the kinds with few series, so that those with many leave them room.
    this.#beginSpills(backends);
    for (const deployment of withUnnamed(this.names.requested)) this.#findRequested(deployment);
    this.#attempts.add(backends);
    const labels = [...this.#requested.values()].map(({ label }) => label);
    this.#clientTokens.begin(this.#clientNames, [...new Set(labels)]);
    for (const requested of this.#requested.values())
      for (const name of [NOBODY, ...backends.map(({ name }) => name)]) this.#servedOf(requested, name);
  }

  /** Adds the clients of another configuration, before its backends, and begins the series of new ones. */
  addClients(clients: readonly string[]): void {
    this.#clientNames = clients;
    this.#clients.add(clients);
  }

  record(exchange: Exchange): void {
    const { attempts, served, ending, cause, status, startedMs, respondedMs, waitedMs } = exchange;
    for (const attempt of attempts) this.#attempts.note(attempt);
    this.#clients.note(exchange);
    this.fallbacks.note(exchange);
    const requested = this.#requestedOf(exchange);
    const ofBackend = this.#servedOf(requested, served?.backend.name ?? NOBODY);
    this.#noteUsage(exchange, requested);
    ofBackend.statuses[classOf(exchange.clientStatus)].add(1);
    requested.duration.observe((exchange.endedMs - startedMs) / MS);
    if (served !== undefined) {
      if (respondedMs !== undefined) requested.firstByte.observe((respondedMs - startedMs) / MS);
      this.#noteServed(served, exchange, requested);
    }
    const { overheadMs, estimate } = exchange;
    if (overheadMs !== undefined) this.#overhead.observe(overheadMs / MS);
    if (waitedMs > 0) this.#waits.observe(waitedMs / MS);
    if (estimate !== undefined) {
      requested.estimates.prompt.add(estimate.promptTokens);
      requested.estimates.completion.add(estimate.outputTokens);
    }
    if (cause !== undefined) this.#exhausted[cause].add(1);
    if (exchange.isBrokenOff) this.#broken.interrupted.add(1);
    if (ending === 'abandoned') this.#broken.abandoned.add(1);
    if (exchange.isOwnRefusal) this.#refusals.get(status)?.add(1);
  }

  #noteServed({ backend, spill, outcome }: AttemptRecord, exchange: Exchange, { untold }: Requested): void {
    const { usage, deployment } = exchange;
    if (spill !== undefined) this.#spillOf(spill.fromPriority, backend.priority, spill.cause).add(1);
    if (usage === undefined && outcome.kind === 'succeeded' && deployment) untold.add(1);
  }

  /** Tokens belong to the request that used them, which may be an earlier one whose result this one has read. */
  #noteUsage({ served, usage, client, metered }: Exchange, requested: Requested): void {
    if (usage === undefined) return;
    const earlier = metered?.told;
    const of = earlier === undefined ? requested : this.#findRequested(earlier.deployment);
    const user = earlier === undefined ? client : earlier.client;
    if (user !== undefined) this.#clientTokens.note(user, of.label, usage);
    if (served !== undefined) countTokens(this.#servedOf(of, served.backend.name).tokens, usage);
  }

  #requestedOf({ deployment = '', served }: Exchange): Requested {
    const known = this.#requested.get(deployment);
    if (known !== undefined) return known;
    const isServed = served?.outcome.kind === 'succeeded' && served.deployment === deployment;
    const label = this.names.labelOf(deployment, isServed);
    return this.#requested.get(label) ?? this.#addRequested(label, deployment);
  }

  #findRequested(deployment: string): Requested {
    const label = this.names.labelOf(deployment, false);
    return this.#requested.get(label) ?? this.#addRequested(label, deployment);
  }

  #addRequested(label: string, deployment: string): Requested {
    const { estimates, untold, durations, firstBytes } = this.#series;
    const requested: Requested = {
      label,
      served: new Map(),
      estimates: byKey(['prompt', 'completion'], (kind) => estimates(label, kind)),
      untold: untold(label),
      duration: durations(label),
      firstByte: firstBytes(label),
    };
    this.#requested.set(label, requested);
    if (deployment === '') this.#requested.set(deployment, requested);
    return requested;
  }

  #servedOf({ served, label }: Requested, backend: string): Served {
    const known = served.get(backend);
    if (known !== undefined) return known;
    const made = makeServed(this.#series, label, backend);
    served.set(backend, made);
    return made;
  }

  #spillOf(fromPriority: number, toPriority: number, cause: SpillCause): Counter {
    const key = `${fromPriority} ${toPriority} ${cause}`;
    const known = this.#spills.get(key);
    if (known !== undefined) return known;
    const made = this.#series.spills(String(fromPriority), String(toPriority), cause);
    this.#spills.set(key, made);
    return made;
  }

  /** A rate has to be known from its first count on, and a panel must not be empty while all is well. */
  #beginSpills(backends: readonly Backend[]): void {
    const weighed = backends.filter(({ weight }) => weight > 0);
    const first = Math.min(...weighed.map(({ priority }) => priority));
    for (const { priority } of backends)
      if (priority > first) for (const cause of SPILL_CAUSES) this.#spillOf(first, priority, cause);
  }
}

function makeServed({ requests, tokens }: RequestSeries, deployment: string, backend: string): Served {
  return {
    statuses: byKey(STATUSES, (status) => requests(deployment, backend, status)),
    tokens: byKey(TOKEN_KINDS, (kind) => tokens(deployment, backend, kind)),
  };
}
