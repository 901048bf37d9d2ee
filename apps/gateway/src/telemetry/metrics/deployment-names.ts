import { type Backend, deploymentAt, deploymentKey } from '@spillway/core';

/** The label of a request without a deployment, and of one with an unknown name. */
const NO_DEPLOYMENT = 'none';
const OTHER_DEPLOYMENT = 'other';

/** A configuration without deployment names has a few dozen deployments. */
const MAX_LEARNED = 50;
/** Azure's limit. */
const MAX_LENGTH = 64;

/**
 * The deployment names that may be labels: those in the configuration, and the first few that a backend has served
 * under exactly that name. Clients make up names that no backend serves; all these share one label. Backends ignore
 * case, so all spellings of a name share one label too: the first known spelling.
 */
export class DeploymentNames {
  /** The clients' names. */
  requested: readonly string[] = [];
  /** By key, and by each known spelling, so that one that is asked for often is found at once. */
  readonly #labels = new Map<string, string>();
  #learned = 0;

  constructor(backends: readonly Backend[]) {
    this.add(backends);
  }

  /** Adds the names of another configuration; former ones stay labels. */
  add(backends: readonly Backend[]): void {
    this.requested = requestedNames(backends);
    this.allow([...this.requested, ...backends.flatMap((backend) => this.at(backend))]);
  }

  /** Allows names as labels, whichever backend serves them. */
  allow(names: readonly string[]): void {
    for (const name of names) {
      const key = deploymentKey(name);
      const label = this.#labels.get(key) ?? name;
      this.#labels.set(key, label).set(name, label);
    }
  }

  /** Returns the configured deployment names of a backend, as the backend calls them. */
  at(backend: Backend): readonly string[] {
    const mapped = this.requested.map((name) => deploymentAt(backend, name));
    return [...new Set([...mapped, ...(backend.quotas?.keys() ?? [])])];
  }

  /**
   * Returns the label of a name.
   *
   * @param isServed whether a backend has just served it under this name
   */
  labelOf(name: string, isServed: boolean): string {
    if (name === '') return NO_DEPLOYMENT;
    const known = this.#labels.get(name) ?? this.#labels.get(deploymentKey(name));
    if (known !== undefined) return known;
    // Unpaired surrogates all come out as one label, which would mix different names.
    const isName = name.length <= MAX_LENGTH && name.isWellFormed();
    if (!isServed || !isName || this.#learned >= MAX_LEARNED) return OTHER_DEPLOYMENT;
    this.#learned++;
    this.allow([name]);
    return name;
  }
}

function requestedNames(backends: readonly Backend[]): string[] {
  const mapped = backends.flatMap(({ deployments }) => [...(deployments?.keys() ?? [])]);
  const there = backends.flatMap(({ deployments, quotas, deployment }) => {
    // Where names are mapped, the backend's names are its own.
    const named = deployments === undefined ? [...(quotas?.keys() ?? [])] : [];
    return deployment === undefined ? named : [...named, deployment];
  });
  return [...new Set(mapped.length > 0 ? mapped : there)];
}

/** Returns the names whose series exist from the start: the known ones, none at all, and any other. */
export function withUnnamed(names: readonly string[]): readonly string[] {
  return [...names, '', OTHER_DEPLOYMENT];
}
