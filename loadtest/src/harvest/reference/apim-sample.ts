import type { Random } from '@spillway/simulation';
import type { BackendAnswer, ReferenceBackend, ReferenceStrategy } from './reference-strategy.ts';

/**
 * The policy of Azure-Samples/openai-apim-lb (`apim-policy.xml` at 039195e): a random backend of the lowest priority
 * value among those that are not throttling. A backend that answers 401, 429 or 5xx is throttling for as long as it
 * says, and the request is tried again while there is any other. When all are throttling, the request goes to backend
 * 0, whose answer the client gets.
 */
export class ApimSample implements ReferenceStrategy {
  readonly #priorities: readonly number[];
  readonly #throttledUntilMs: number[];
  readonly #random: Random;

  constructor(backends: readonly ReferenceBackend[], random: Random) {
    this.#priorities = backends.map(({ priority }) => priority);
    this.#throttledUntilMs = backends.map(() => -Infinity);
    this.#random = random;
  }

  pick(nowMs: number): number {
    const open = this.#open(nowMs);
    const lowest = Math.min(...open.map((backend) => this.#priorities[backend] ?? Infinity));
    const group = open.filter((backend) => this.#priorities[backend] === lowest);
    return group[Math.floor(this.#random() * group.length)] ?? 0;
  }

  shouldRetry(backend: number, { status, cooldownMs }: BackendAnswer, nowMs: number): boolean {
    if (status !== 401 && status !== 429 && status < 500) return false;
    this.#throttledUntilMs[backend] = nowMs + cooldownMs;
    return this.#open(nowMs).length > 0;
  }

  #open(nowMs: number): number[] {
    return [...this.#throttledUntilMs.keys()].filter(
      (backend) => nowMs >= (this.#throttledUntilMs[backend] ?? 0),
    );
  }
}
