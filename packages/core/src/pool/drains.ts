import { deploymentKey } from '../backend.ts';

/**
 * The operators' drains: of backends as a whole, and of single deployments by their names there. Letter case is ignored in
 * deployments' names, as Azure does.
 */
export class Drains {
  readonly #backends = new Set<string>();
  /** By the backend's name, then by the deployment's key. */
  readonly #deployments = new Map<string, Map<string, string>>();

  /** Whether nothing is drained, which spares nearly every request the lookup. */
  get isEmpty(): boolean {
    return this.#backends.size === 0 && this.#deployments.size === 0;
  }

  /** Returns whether a backend is drained as a whole. */
  hasBackend(backend: string): boolean {
    return this.#backends.has(backend);
  }

  /** Returns whether a deployment is drained, by itself or with its backend. */
  has(backend: string, deployment: string): boolean {
    if (this.#backends.has(backend)) return true;
    const drained = this.#deployments.get(backend);
    return drained !== undefined && (drained.has(deployment) || drained.has(deploymentKey(deployment)));
  }

  /** Returns the deployments of a backend that are drained by themselves. */
  deploymentsOf(backend: string): readonly string[] {
    return [...(this.#deployments.get(backend)?.values() ?? [])];
  }

  /**
   * Drains a backend, or one deployment by its name there. It gets no new requests except for things that only it has,
   * such as stored objects; requests under way go on.
   */
  drain(backend: string, deployment?: string): void {
    if (deployment === undefined) {
      this.#backends.add(backend);
      return;
    }
    const drained = this.#deployments.get(backend) ?? new Map<string, string>();
    this.#deployments.set(backend, drained.set(deploymentKey(deployment), deployment));
  }

  /** Ends the drain of a backend, or of one of its deployments. */
  undrain(backend: string, deployment?: string): void {
    if (deployment === undefined) this.#backends.delete(backend);
    else this.#deployments.get(backend)?.delete(deploymentKey(deployment));
    if (this.#deployments.get(backend)?.size === 0) this.#deployments.delete(backend);
  }
}
