import type { StateSnapshot } from '../admin-types.ts';
import { isCooldown, standingOf } from '../words/states.ts';

/** Of each backend, the last 15 minutes, second by second. */
export const HISTORY_S = 900;

interface BackendHistory {
  /** Requests per second served; NaN where there was no snapshot. */
  readonly rates: Float32Array;
  /** 1 while it cooled down. */
  readonly cooldowns: Uint8Array;
}

/**
 * Keeps the data of the chart and the sparklines, in rings of a fixed size: a page may stay open for weeks. Seconds are
 * those of the gateway's clock.
 */
export class RateHistory {
  readonly #backends = new Map<string, BackendHistory>();
  #newestS = 0;
  #oldestS = 0;

  /** Adds a snapshot. The time between it and the previous one counts as not seen. */
  note(snapshot: StateSnapshot): void {
    const second = Math.floor(snapshot.atMs / 1000);
    const hasJumped = second < this.#newestS - 1 || second > this.#newestS + HISTORY_S;
    if (hasJumped) this.#restart(second);
    this.#keepOnly(snapshot.backends.map(({ name }) => name));
    for (let missed = this.#newestS + 1; missed < second; missed++) this.#clear(missed);
    const isNew = second > this.#newestS;
    if (isNew) this.#clear(second);
    for (const backend of snapshot.backends) {
      const { rates, cooldowns } = this.#historyOf(backend.name);
      rates[second % HISTORY_S] = backend.rps;
      cooldowns[second % HISTORY_S] = isCooldown(standingOf(backend, undefined)) ? 1 : 0;
    }
    this.#newestS = Math.max(this.#newestS, second);
    this.#oldestS = Math.max(this.#oldestS, this.#newestS - HISTORY_S + 1);
  }

  /** How many seconds lie between the first snapshot and the last, at most 15 minutes. */
  get seenS(): number {
    return this.#newestS === 0 ? 0 : this.#newestS - this.#oldestS + 1;
  }

  get names(): readonly string[] {
    return [...this.#backends.keys()];
  }

  /** Returns a backend's rates in the last `seconds`, oldest first; NaN where there was no snapshot. */
  ratesOf(name: string, seconds: number): number[] {
    const rates = this.#backends.get(name)?.rates;
    return this.#lastSeconds(seconds).map((second) => rates?.[second % HISTORY_S] ?? Number.NaN);
  }

  /** Returns in which of the last `seconds` a backend cooled down, oldest first. */
  cooldownsOf(name: string, seconds: number): boolean[] {
    const cooldowns = this.#backends.get(name)?.cooldowns;
    return this.#lastSeconds(seconds).map((second) => cooldowns?.[second % HISTORY_S] === 1);
  }

  /** Returns a backend's mean rate over the seconds with a snapshot among the last `seconds`; 0 if there was none. */
  meanRateOf(name: string, seconds: number): number {
    const rates = this.#backends.get(name)?.rates;
    if (rates === undefined) return 0;
    let sum = 0;
    let count = 0;
    for (let second = this.#firstOf(seconds); second <= this.#newestS; second++) {
      const rate = rates[second % HISTORY_S] as number;
      if (Number.isNaN(rate)) continue;
      sum += rate;
      count++;
    }
    return count === 0 ? 0 : sum / count;
  }

  /** Returns for how many of the last `seconds` a backend cooled down. */
  cooledSecondsOf(name: string, seconds: number): number {
    const cooldowns = this.#backends.get(name)?.cooldowns;
    if (cooldowns === undefined) return 0;
    let count = 0;
    for (let second = this.#firstOf(seconds); second <= this.#newestS; second++)
      count += cooldowns[second % HISTORY_S] as number;
    return count;
  }

  /** Returns the rates of several backends together, as `ratesOf` does for one. */
  sumOf(names: readonly string[], seconds: number): number[] {
    const sums = Array.from({ length: seconds }, () => Number.NaN);
    for (const name of names) {
      const rates = this.#backends.get(name)?.rates;
      if (rates === undefined) continue;
      const first = this.#newestS - seconds + 1;
      for (let place = Math.max(0, -first); place < seconds; place++) {
        const rate = rates[(first + place) % HISTORY_S] as number;
        const sum = sums[place] as number;
        if (!Number.isNaN(rate)) sums[place] = Number.isNaN(sum) ? rate : sum + rate;
      }
    }
    return sums;
  }

  #firstOf(seconds: number): number {
    return Math.max(0, this.#newestS - seconds + 1);
  }

  #lastSeconds(seconds: number): number[] {
    return Array.from({ length: seconds }, (_, place) => Math.max(0, this.#newestS - seconds + 1 + place));
  }

  #historyOf(name: string): BackendHistory {
    let history = this.#backends.get(name);
    if (history === undefined) {
      history = {
        rates: new Float32Array(HISTORY_S).fill(Number.NaN),
        cooldowns: new Uint8Array(HISTORY_S),
      };
      this.#backends.set(name, history);
    }
    return history;
  }

  #clear(second: number): void {
    for (const { rates, cooldowns } of this.#backends.values()) {
      rates[second % HISTORY_S] = Number.NaN;
      cooldowns[second % HISTORY_S] = 0;
    }
  }

  #keepOnly(names: readonly string[]): void {
    for (const known of this.#backends.keys()) if (!names.includes(known)) this.#backends.delete(known);
  }

  /** The clock was set, the gateway is a different one, or the page slept. */
  #restart(second: number): void {
    this.#backends.clear();
    this.#newestS = second - 1;
    this.#oldestS = second;
  }
}
