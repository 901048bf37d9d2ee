import type { Backend } from './backend.ts';

/**
 * A counted in-flight slot at a backend. It is held from the selection until the response's body has ended, which is
 * long after the attempt itself has been judged when the answer is a stream.
 */
export class Lease<B extends Backend = Backend> {
  readonly backend: B;
  /** The deployment's name at the backend. */
  readonly deployment: string;
  /** When the attempt began, ms on the pool's clock. */
  readonly startedMs: number;
  readonly #holder: { release(): void };
  #isReleased = false;

  constructor(backend: B, deployment: string, startedMs: number, holder: { release(): void }) {
    this.backend = backend;
    this.deployment = deployment;
    this.startedMs = startedMs;
    this.#holder = holder;
  }

  /** Gives the slot back. Calling it again does nothing. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#holder.release();
  }
}
