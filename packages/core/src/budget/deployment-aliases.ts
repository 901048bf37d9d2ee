import { type Backend, deploymentAt } from '../backend.ts';

/** What a backend says of how deployments are called there. */
export type NamingBackend = Pick<Backend, 'name' | 'priority' | 'weight' | 'deployment' | 'deployments'>;

/**
 * Under which names a deployment is known: clients may call it as backends do, or by any name where a backend has one deployment
 * for all. A budget holds for it whatever it is called.
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

  /** Returns a name, and all others of what it stands for; of the empty one those that any name stands for. */
  of(name: string): string[] {
    const there = this.#backends.map((backend) =>
      name === '' ? (backend.deployment ?? '') : deploymentAt(backend, name),
    );
    const here = this.#backends.flatMap(({ deployments }) =>
      [...(deployments ?? [])].flatMap(([requested, at]) => (at === name ? [requested] : [])),
    );
    return [...new Set([name, ...there, ...here])];
  }
}
