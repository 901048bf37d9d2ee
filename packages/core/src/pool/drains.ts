/** What operators have taken out: backends as a whole, and single deployments by their names there. */
export class Drains {
  readonly #backends = new Set<string>();
  /** By the backend's name. */
  readonly #deployments = new Map<string, Set<string>>();

  /** Whether nothing is taken out, which spares nearly every request the look. */
  get isEmpty(): boolean {
    return this.#backends.size === 0 && this.#deployments.size === 0;
  }

  /** Returns whether a backend is taken out as a whole. */
  hasBackend(backend: string): boolean {
    return this.#backends.has(backend);
  }

  /** Returns whether a deployment is taken out, by itself or with its backend. */
  has(backend: string, deployment: string): boolean {
    return this.#backends.has(backend) || this.#deployments.get(backend)?.has(deployment) === true;
  }

  /** Returns the deployments of a backend that are taken out by themselves. */
  deploymentsOf(backend: string): readonly string[] {
    return [...(this.#deployments.get(backend) ?? [])];
  }

  /**
   * Takes a backend, or one deployment by its name there, out. It gets no new requests but for what only it has, such as
   * stored objects; whatever is under way goes on.
   */
  drain(backend: string, deployment?: string): void {
    if (deployment === undefined) {
      this.#backends.add(backend);
      return;
    }
    const drained = this.#deployments.get(backend) ?? new Set();
    this.#deployments.set(backend, drained.add(deployment));
  }

  /** Takes a backend, or one deployment of it, in again. */
  undrain(backend: string, deployment?: string): void {
    if (deployment === undefined) this.#backends.delete(backend);
    else this.#deployments.get(backend)?.delete(deployment);
    if (this.#deployments.get(backend)?.size === 0) this.#deployments.delete(backend);
  }
}
