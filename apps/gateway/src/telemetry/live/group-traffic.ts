import type { AttemptRecord, SpillCause } from '@spillway/core';
import { RollingCount } from './rolling-count.ts';

/** Rates cover the last seconds, so that they show the present. */
export const RATE_S = 10;

/** Requests that one priority group serves, and those it serves instead of a better group. */
export interface GroupRates {
  readonly priority: number;
  readonly requestsPerSecond: number;
  /** Of these, the requests that left a better group, by cause. */
  readonly spilledIn: readonly SpillRate[];
}

/** Requests that were served instead of another group. */
interface SpillRate {
  readonly fromPriority: number;
  readonly cause: SpillCause;
  readonly requestsPerSecond: number;
}

/** Counts the requests that each priority group serves, and why. */
export class GroupTraffic {
  readonly #served = new Map<number, RollingCount>();
  /** By the group that served, the one that did not, and the cause: there are only a few groups and causes. */
  readonly #spilled = new Map<string, { readonly key: Spilled; readonly count: RollingCount }>();

  /** Records the attempt that served a request. */
  note({ backend: { priority }, spill }: AttemptRecord, nowMs: number): void {
    let served = this.#served.get(priority);
    if (served === undefined) this.#served.set(priority, (served = new RollingCount(RATE_S)));
    served.add(1, nowMs);
    if (spill === undefined) return;
    const key = `${spill.fromPriority}>${priority} ${spill.cause}`;
    let spilled = this.#spilled.get(key);
    if (spilled === undefined) {
      spilled = { key: { ...spill, toPriority: priority }, count: new RollingCount(RATE_S) };
      this.#spilled.set(key, spilled);
    }
    spilled.count.add(1, nowMs);
  }

  ratesAt(priority: number, nowMs: number): GroupRates {
    const spilledIn = [...this.#spilled.values()]
      .filter(({ key }) => key.toPriority === priority)
      .map(({ key: { fromPriority, cause }, count }) => ({
        fromPriority,
        cause,
        requestsPerSecond: count.perSecond(RATE_S, nowMs),
      }))
      .filter(({ requestsPerSecond }) => requestsPerSecond > 0);
    const requestsPerSecond = this.#served.get(priority)?.perSecond(RATE_S, nowMs) ?? 0;
    return { priority, requestsPerSecond, spilledIn };
  }
}

interface Spilled {
  readonly fromPriority: number;
  readonly toPriority: number;
  readonly cause: SpillCause;
}
