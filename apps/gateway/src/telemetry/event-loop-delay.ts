import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1_000_000;
const SECONDS = 60;

/** By how much timers were late, in ms. */
export interface Delay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures by how much the event loop is late, second by second of the last minute. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #seconds: Delay[] = [];

  constructor() {
    this.#histogram.enable();
  }

  /** A second is over. */
  tick(): void {
    const histogram = this.#histogram;
    if (histogram.count > 0)
      this.#seconds.push({ p99Ms: lateMs(histogram.percentile(99)), maxMs: lateMs(histogram.max) });
    if (this.#seconds.length > SECONDS) this.#seconds.shift();
    histogram.reset();
  }

  /** The worst second of the last minute. */
  get worst(): Delay {
    return {
      p99Ms: Math.max(0, ...this.#seconds.map(({ p99Ms }) => p99Ms)),
      maxMs: Math.max(0, ...this.#seconds.map(({ maxMs }) => maxMs)),
    };
  }

  stop(): void {
    this.#histogram.disable();
  }
}

/** It measures how long a timer took, its own interval included. */
function lateMs(ns: number): number {
  return Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
}
