import type { HeaderLookup } from '../attempt.ts';
import type { Outcome } from '../outcome.ts';
import { headerLookup, type Headers } from './make-answer.ts';

/**
 * The limits of a rolling backend, and whether it reports what is left of requests for one second, for 10 s, for a
 * minute, or not at all.
 */
export interface RollingLimits {
  readonly tpm: number;
  /** Requests per minute, of which a sixth may come in any 10 s; without it, any number. */
  readonly rpm?: number;
  readonly tells?: 'one second' | '10 s' | 'a minute' | 'nothing';
  /** The time in which its share of `rpm` may come (10 s). */
  readonly requestWindowMs?: number;
}

/** How a backend answers a request. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly header: HeaderLookup;
}

/** The requests that a backend has accepted, and when. */
interface Arrival {
  readonly atMs: number;
  readonly tokens: number;
}

const MINUTE_MS = 60_000;
const SHORT_MS = 10_000;
const TOLD_MS = { 'one second': 1000, '10 s': SHORT_MS, 'a minute': MINUTE_MS } as const;

/**
 * Azure's behaviour, written down as plainly as possible: it charges a request when it arrives, and gives each charge
 * back a minute later (a request 10 s later). Refused requests cost nothing. Times must not go back.
 */
export class RollingBackend {
  readonly #limits: RollingLimits;
  readonly #taken: Arrival[] = [];
  #first = 0;
  #coming: readonly number[] = [];
  /** How many requests it has refused. */
  refusals = 0;

  constructor(limits: RollingLimits) {
    this.#limits = limits;
  }

  /** Returns the tokens accepted since a moment. */
  tokensSince(sinceMs: number): number {
    return sum(this.#taken.filter(({ atMs }) => atMs > sinceMs));
  }

  /**
   * Returns the tokens that count.
   *
   * @param leewayMs also counts charges that have expired for no longer than that; below 0, leaves out those that
   *   expire by then
   */
  usedAt(nowMs: number, leewayMs = 0): number {
    return sum(this.#lately(MINUTE_MS + leewayMs, nowMs));
  }

  /** Returns whether it would take a request; with a leeway as for `usedAt`. */
  hasRoomAt(tokens: number, nowMs: number, leewayMs = 0): boolean {
    return this.#hasRoomFor([tokens], nowMs, leewayMs);
  }

  /** Returns whether it would accept a request after those that are on their way. */
  willHaveRoomAt(tokens: number, nowMs: number, leewayMs: number): boolean {
    return this.#hasRoomFor([...this.#coming, tokens], nowMs, leewayMs);
  }

  /** A request sets out. */
  expect(tokens: number): void {
    this.#coming = [...this.#coming, tokens];
  }

  /** Judges an expected request on its arrival. */
  receive(tokens: number, nowMs: number): Judgement {
    this.#coming = this.#coming.toSpliced(this.#coming.indexOf(tokens), 1);
    return this.judge(tokens, nowMs);
  }

  /** Judges a request on its arrival. */
  judge(tokens: number, nowMs: number): Judgement {
    const isTaken = this.hasRoomAt(tokens, nowMs);
    if (isTaken) this.#taken.push({ atMs: nowMs, tokens });
    else this.refusals++;
    const header = headerLookup(this.#headersAt(nowMs));
    return isTaken
      ? { outcome: { kind: 'succeeded', status: 200 }, header }
      : { outcome: { kind: 'throttled', status: 429, retryAfterMs: this.#waitMs(tokens, nowMs) }, header };
  }

  #hasRoomFor(requests: readonly number[], nowMs: number, leewayMs: number): boolean {
    const { tpm, rpm = Number.POSITIVE_INFINITY, requestWindowMs = SHORT_MS } = this.#limits;
    const tokens = requests.reduce((total, some) => total + some, this.usedAt(nowMs, leewayMs));
    return (
      tokens <= tpm &&
      this.#lately(requestWindowMs + leewayMs, nowMs).length + requests.length <=
        (rpm * requestWindowMs) / MINUTE_MS
    );
  }

  /** Azure reports whole seconds. */
  #waitMs(tokens: number, nowMs: number): number {
    let seconds = 1;
    while (seconds < 60 && !this.hasRoomAt(tokens, nowMs, -seconds * 1000)) seconds++;
    return seconds * 1000;
  }

  #headersAt(nowMs: number): Headers {
    const { tpm, rpm, tells = 'a minute' } = this.#limits;
    if (tells === 'nothing') return {};
    const tokens = {
      'x-ratelimit-limit-tokens': String(tpm),
      'x-ratelimit-remaining-tokens': String(tpm - this.usedAt(nowMs)),
    };
    if (rpm === undefined) return tokens;
    const windowMs = TOLD_MS[tells];
    const limit = (rpm * windowMs) / MINUTE_MS;
    return {
      ...tokens,
      'x-ratelimit-limit-requests': String(limit),
      'x-ratelimit-remaining-requests': String(limit - this.#lately(windowMs, nowMs).length),
    };
  }

  /** The arrivals of the last so many ms; older ones of no more use are dropped for good. */
  #lately(windowMs: number, nowMs: number): Arrival[] {
    while ((this.#taken[this.#first]?.atMs ?? nowMs) < nowMs - 2 * MINUTE_MS) this.#first++;
    const lately: Arrival[] = [];
    for (let index = this.#taken.length - 1; index >= this.#first; index--) {
      const arrival = this.#taken[index];
      if (arrival === undefined || arrival.atMs + windowMs <= nowMs) break;
      lately.push(arrival);
    }
    return lately;
  }
}

function sum(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((total, { tokens }) => total + tokens, 0);
}
