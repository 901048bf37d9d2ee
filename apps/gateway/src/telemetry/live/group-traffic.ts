import type { AttemptRecord, Spill, SpillCause } from '@spillway/core';
import { RollingCount } from './rolling-count.ts';

/** Rates cover the last seconds, so that they show the present. */
export const RATE_S = 10;

/** Requests that one priority group serves, and those it serves instead of a better group. */
export interface GroupRates {
  readonly priority: number;
  readonly requestsPerSecond: number;
  /** Of these, the requests that left a better group, by cause. */
  readonly spilledIn: readonly SpillRate[];
  /** How long ago the last of them was; undefined if there are none. */
  readonly spilledAgoMs: number | undefined;
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
  readonly #spilled = new Map<string, Spilled>();

  /** Records the attempt that served a request. */
  note({ backend: { priority }, spill }: AttemptRecord, nowMs: number): void {
    let served = this.#served.get(priority);
    if (served === undefined) this.#served.set(priority, (served = new RollingCount(RATE_S)));
    served.add(1, nowMs);
    if (spill === undefined) return;
    const key = `${spill.fromPriority}>${priority} ${spill.cause}`;
    let spilled = this.#spilled.get(key);
    if (spilled === undefined) {
      spilled = { spill, toPriority: priority, count: new RollingCount(RATE_S), lastMs: nowMs };
      this.#spilled.set(key, spilled);
    }
    spilled.count.add(1, nowMs);
    spilled.lastMs = Math.max(spilled.lastMs, nowMs);
  }

  ratesAt(priority: number, nowMs: number): GroupRates {
    const present = [...this.#spilled.values()].filter(
      ({ toPriority, count }) => toPriority === priority && count.perSecond(RATE_S, nowMs) > 0,
    );
    const lastMs = Math.max(...present.map((spilled) => spilled.lastMs));
    return {
      priority,
      requestsPerSecond: this.#served.get(priority)?.perSecond(RATE_S, nowMs) ?? 0,
      spilledIn: present.map(({ spill: { fromPriority, cause }, count }) => ({
        fromPriority,
        cause,
        requestsPerSecond: count.perSecond(RATE_S, nowMs),
      })),
      spilledAgoMs: present.length === 0 ? undefined : Math.max(0, nowMs - lastMs),
    };
  }
}

interface Spilled {
  readonly spill: Spill;
  readonly toPriority: number;
  readonly count: RollingCount;
  lastMs: number;
}
