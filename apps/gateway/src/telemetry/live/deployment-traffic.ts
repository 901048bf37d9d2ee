import type { AttemptRecord } from '@spillway/core';
import { RATE_S } from './group-traffic.ts';
import { RecentSamples } from './recent-samples.ts';
import { RollingCount } from './rolling-count.ts';

/** Rates cover the last minute, except for served requests, which show the present. */
const MINUTE_S = 60;
const MINUTE_MS = 60_000;
/** This many answers are enough for percentiles of their latency. */
const SAMPLES = 256;

/** The traffic of one deployment of a backend in the last minute. */
export interface DeploymentRates {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  /** 429s that the client did not see, because another attempt served it. */
  readonly absorbed429sPerMinute: number;
  /** From the start of an attempt to the head of its answer, in ms; undefined if there was none. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
}

/** Counts the traffic of one deployment of a backend. */
export class DeploymentTraffic {
  readonly #served = new RollingCount(RATE_S);
  readonly #requests = new RollingCount(MINUTE_S);
  readonly #tokens = new RollingCount(MINUTE_S);
  readonly #absorbed429s = new RollingCount(MINUTE_S);
  readonly #answers = new RecentSamples(SAMPLES);

  /** Records an attempt, and whether its client saw a 429. */
  note({ outcome, durationMs }: AttemptRecord, clientStatus: number, nowMs: number): void {
    this.#requests.add(1, nowMs);
    if (outcome.kind === 'succeeded') this.#answers.add(durationMs, nowMs);
    if (outcome.kind === 'throttled' && clientStatus !== 429) this.#absorbed429s.add(1, nowMs);
  }

  noteServed(nowMs: number): void {
    this.#served.add(1, nowMs);
  }

  noteTokens(tokens: number, nowMs: number): void {
    this.#tokens.add(tokens, nowMs);
  }

  servedPerSecond(nowMs: number): number {
    return this.#served.perSecond(RATE_S, nowMs);
  }

  ratesAt(nowMs: number): DeploymentRates {
    const percentiles = this.#answers.percentiles([0.5, 0.95], nowMs - MINUTE_MS);
    return {
      requestsPerMinute: this.#requests.within(MINUTE_S, nowMs),
      tokensPerMinute: this.#tokens.within(MINUTE_S, nowMs),
      absorbed429sPerMinute: this.#absorbed429s.within(MINUTE_S, nowMs),
      p50Ms: percentiles?.[0],
      p95Ms: percentiles?.[1],
    };
  }
}
