import { type Backend, deploymentAt, deploymentKey } from '../backend.ts';

/** A backend's names for deployments. */
export type NamingBackend = Pick<Backend, 'name' | 'priority' | 'weight' | 'deployment' | 'deployments'>;

/**
 * The names under which a deployment is known: clients may use a backend's name for it, or any name where a backend has
 * one deployment for all. A budget applies whichever name is used.
 */
export class DeploymentAliases {
  readonly #backends: readonly NamingBackend[];

  constructor(backends: readonly NamingBackend[]) {
    this.#backends = backends;
  }

  /** All names that backends are configured with. */
  get named(): string[] {
    return this.#backends.flatMap(({ deployments }) => [...(deployments ?? [])].flat());
  }

  /** Returns a name with all other names of the same deployment; for the empty name, those that any name stands for. */
  of(name: string): string[] {
    const there = this.#backends.map((backend) =>
      name === '' ? (backend.deployment ?? '') : deploymentAt(backend, name),
    );
    const key = deploymentKey(name);
    const here = this.#backends.flatMap(({ deployments }) =>
      [...(deployments ?? [])].flatMap(([requested, at]) => (deploymentKey(at) === key ? [requested] : [])),
    );
    return [...new Set([name, ...there, ...here])];
  }
}
