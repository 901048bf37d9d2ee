import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1_000_000;
const SECONDS = 60;

/** The lateness of timers, in ms. */
export interface Delay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures how late the event loop is, second by second of the last minute. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #seconds: Delay[] = [];

  constructor() {
    this.#histogram.enable();
  }

  /** Called at the end of a second. */
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

/** The histogram holds how long a timer took, including its own interval. */
function lateMs(ns: number): number {
  return Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
}
