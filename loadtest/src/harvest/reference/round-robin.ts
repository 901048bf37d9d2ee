import type { ReferenceBackend, ReferenceStrategy } from './reference-strategy.ts';

/** One backend after the other, whatever they answer; the client gets the first answer. */
export class RoundRobin implements ReferenceStrategy {
  readonly #count: number;
  #picks = 0;

  constructor(backends: readonly ReferenceBackend[]) {
    this.#count = backends.length;
  }

  pick(): number {
    return this.#picks++ % this.#count;
  }

  shouldRetry(): boolean {
    return false;
  }
}
