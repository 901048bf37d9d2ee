import type { AttemptRecord, Backend, Outcome } from '@spillway/core';
import { type DeploymentNames, withUnnamed } from './deployment-names.ts';
import { type ByKey, byKey, CREDENTIAL_CAUSES, credentialCauseOf, OUTCOMES } from './label-values.ts';
import type { RequestSeries } from './request-metric-list.ts';
import type { Histogram } from './series.ts';

const MS = 1000;

/** Counters of the attempts at one backend. */
interface Attempted {
  /** By the deployment's name there. */
  readonly outcomes: Map<string, ByKey<Outcome['kind']>>;
  readonly credentials: ByKey<(typeof CREDENTIAL_CAUSES)[number]>;
  readonly duration: Histogram;
}

/** Counts attempts at backends. */
export class AttemptMetrics {
  readonly #series: RequestSeries;
  readonly #names: DeploymentNames;
  /** By the backend's name. */
  readonly #attempted = new Map<string, Attempted>();

  constructor(series: RequestSeries, names: DeploymentNames) {
    this.#series = series;
    this.#names = names;
  }

  /** Begins the series of new backends. */
  add(backends: readonly Backend[]): void {
    // First the kinds with few series, so that those with many leave them room.
    const made = backends.map((backend) => ({ backend, attempted: this.#find(backend.name) }));
    for (const { backend, attempted } of made)
      for (const name of withUnnamed(this.#names.at(backend)))
        this.#addOutcomes(attempted, backend.name, name, false);
  }

  note({ backend: { name }, deployment, outcome, durationMs }: AttemptRecord): void {
    const attempted = this.#find(name);
    const isServed = outcome.kind === 'succeeded';
    const known = attempted.outcomes.get(deployment);
    const outcomes = known ?? this.#addOutcomes(attempted, name, deployment, isServed);
    outcomes[outcome.kind].add(1);
    if (isServed) {
      attempted.duration.observe(durationMs / MS);
      return;
    }
    const cause = credentialCauseOf(outcome);
    if (cause !== undefined) attempted.credentials[cause].add(1);
  }

  #find(backend: string): Attempted {
    return this.#attempted.get(backend) ?? this.#make(backend);
  }

  #make(backend: string): Attempted {
    const { attemptDurations, credentials } = this.#series;
    const attempted = {
      outcomes: new Map(),
      credentials: byKey(CREDENTIAL_CAUSES, (cause) => credentials(backend, cause)),
      duration: attemptDurations(backend),
    };
    this.#attempted.set(backend, attempted);
    return attempted;
  }

  #addOutcomes(
    { outcomes }: Attempted,
    backend: string,
    deployment: string,
    isServed: boolean,
  ): ByKey<Outcome['kind']> {
    const label = this.#names.labelOf(deployment, isServed);
    const known = outcomes.get(label);
    if (known !== undefined) return known;
    const made = byKey(OUTCOMES, (outcome) => this.#series.attempts(label, backend, outcome));
    // Kept only under its label, as made-up names must not be remembered; but many requests have none.
    outcomes.set(label, made);
    if (deployment === '') outcomes.set(deployment, made);
    return made;
  }
}
