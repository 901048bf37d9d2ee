import type { Backend } from '@spillway/core';
import { RollingWindow } from '@spillway/simulation';
import type { LoggedRequest } from '../log/logged-request.ts';

const MINUTE_MS = 60_000;

/**
 * The quotas that the log shows where none is stated: the most that each served in a minute, and whether that was all
 * it had.
 */
export class ServedMinutes {
  readonly #windows = new Map<string, RollingWindow>();
  readonly #most = new Map<string, number>();
  readonly #short = new Set<string>();

  constructor(
    backends: readonly Backend[],
    requests: readonly LoggedRequest[],
    quotaNameOf: (backend: Backend, requested: string) => string,
  ) {
    const byName = new Map(backends.map((backend) => [backend.name, backend]));
    const usable = [...backends].sort((one, other) => one.priority - other.priority);
    for (const { arrivedMs, deployment: served, estimate, attempts, ...request } of requests) {
      for (const { backend: name, deployment = served, isServed, isThrottled } of attempts) {
        const backend = byName.get(name);
        if (backend === undefined) continue;
        const quota = quotaNameOf(backend, deployment);
        if (isThrottled) this.#short.add(quota);
        if (!isServed) continue;
        this.#count(quota, (estimate?.promptTokens ?? 0) + (estimate?.outputTokens ?? 0), arrivedMs);
        // The request passed the backends of earlier priorities, so these had no room.
        for (const earlier of usable) {
          if (earlier.priority >= backend.priority) break;
          this.#short.add(quotaNameOf(earlier, deployment));
        }
      }
      if (!request.wasShort) continue;
      const { fallbackFrom = served, isOverBudget } = request;
      const asked = isOverBudget ? served : fallbackFrom;
      for (const backend of usable) this.#short.add(quotaNameOf(backend, asked));
    }
  }

  /** Returns the most tokens that a quota served in any minute; `undefined` if it served nothing. */
  mostTokensOf(quota: string): number | undefined {
    return this.#most.get(quota);
  }

  /** Returns whether the log shows that the quota ran out. */
  wasShort(quota: string): boolean {
    return this.#short.has(quota);
  }

  #count(quota: string, tokens: number, atMs: number): void {
    const window = this.#windows.get(quota) ?? new RollingWindow(Infinity, MINUTE_MS);
    this.#windows.set(quota, window);
    window.charge(tokens, atMs);
    this.#most.set(quota, Math.max(this.#most.get(quota) ?? 0, window.usedAt(atMs)));
  }
}
