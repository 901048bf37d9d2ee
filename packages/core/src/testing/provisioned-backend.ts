import type { HeaderLookup } from '../attempt.ts';
import type { Outcome } from '../outcome.ts';
import { headerLookup } from './make-answer.ts';

const MINUTE_MS = 60_000;

/**
 * Azure's provisioned throughput: a bucket that requests fill, that drains in a minute, and that refuses when over its
 * size.
 */
export class ProvisionedBackend {
  readonly #size: number;
  #level: number;
  #atMs = 0;

  /** @param level the tokens in it at the beginning */
  constructor(size: number, level = 0) {
    this.#size = size;
    this.#level = level;
  }

  /** Returns the share in use. */
  levelAt(nowMs: number): number {
    return Math.max(0, this.#level - ((nowMs - this.#atMs) * this.#size) / MINUTE_MS) / this.#size;
  }

  /** Puts tokens in, or gives some back. */
  pour(tokens: number, nowMs: number): void {
    this.#level = Math.max(0, this.levelAt(nowMs) * this.#size + tokens);
    this.#atMs = nowMs;
  }

  /** Judges a request on its arrival. */
  judge(tokens: number, nowMs: number): { readonly outcome: Outcome; readonly header: HeaderLookup } {
    const overMs = (this.levelAt(nowMs) - 1) * MINUTE_MS;
    if (overMs <= 0) this.pour(tokens, nowMs);
    const utilization = `${(this.levelAt(nowMs) * 100).toFixed(1)}%`;
    return {
      outcome:
        overMs <= 0
          ? { kind: 'succeeded', status: 200 }
          : { kind: 'throttled', status: 429, retryAfterMs: Math.ceil(overMs) },
      header: headerLookup({ 'azure-openai-deployment-utilization': utilization }),
    };
  }
}
