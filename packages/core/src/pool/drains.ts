/** The operators' drains: of backends as a whole, and of single deployments by their names there. */
export class Drains {
  readonly #backends = new Set<string>();
  /** By the backend's name. */
  readonly #deployments = new Map<string, Set<string>>();

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
    return this.#backends.has(backend) || this.#deployments.get(backend)?.has(deployment) === true;
  }

  /** Returns the deployments of a backend that are drained by themselves. */
  deploymentsOf(backend: string): readonly string[] {
    return [...(this.#deployments.get(backend) ?? [])];
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
    const drained = this.#deployments.get(backend) ?? new Set();
    this.#deployments.set(backend, drained.add(deployment));
  }

  /** Ends the drain of a backend, or of one of its deployments. */
  undrain(backend: string, deployment?: string): void {
    if (deployment === undefined) this.#backends.delete(backend);
    else this.#deployments.get(backend)?.delete(deployment);
    if (this.#deployments.get(backend)?.size === 0) this.#deployments.delete(backend);
  }
}
