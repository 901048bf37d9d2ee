import { type Backend, deploymentAt } from '@spillway/core';

/** The label of a request for no deployment, and of one whose name is not known. */
const NO_DEPLOYMENT = 'none';
const OTHER_DEPLOYMENT = 'other';

/** Whoever does not name deployments in the configuration has a few dozen. */
const MAX_LEARNED = 50;
/** Azure allows no more. */
const MAX_LENGTH = 64;

/**
 * The names of deployments that may be labels: those that the configuration names, and the first few that a backend has
 * served under the very name. Clients make up names, which no backend serves; all these are one label. Backends do not tell
 * capitals apart, so all spellings of a name are one label too: the one that was known first.
 */
export class DeploymentNames {
  /** As clients call them. */
  requested: readonly string[] = [];
  /** By name in small letters. */
  readonly #labels = new Map<string, string>();
  #learned = 0;

  constructor(backends: readonly Backend[]) {
    this.add(backends);
  }

  /** Takes the names of another configuration as well: those of former ones stay labels. */
  add(backends: readonly Backend[]): void {
    this.requested = requestedNames(backends);
    this.allow([...this.requested, ...backends.flatMap((backend) => this.at(backend))]);
  }

  /** Has names be labels, whoever serves them. */
  allow(names: readonly string[]): void {
    for (const name of names) {
      const key = name.toLowerCase();
      if (!this.#labels.has(key)) this.#labels.set(key, name);
    }
  }

  /** Returns the names that the configuration has for deployments of a backend, as they are called there. */
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
    const known = this.#labels.get(name.toLowerCase());
    if (known !== undefined) return known;
    // Halves of characters all come out as one label, which nobody could tell apart.
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
    // Where names are mapped, those that the backend has are of its own.
    const named = deployments === undefined ? [...(quotas?.keys() ?? [])] : [];
    return deployment === undefined ? named : [...named, deployment];
  });
  return [...new Set(mapped.length > 0 ? mapped : there)];
}

/** Returns the names whose series are there from the start: those that are known, none at all, and any other. */
export function withUnnamed(names: readonly string[]): readonly string[] {
  return [...names, '', OTHER_DEPLOYMENT];
}
