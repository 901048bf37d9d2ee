import type { HeaderLookup } from '@spillway/core';
import { type Call, chargedTokens } from '../call.ts';
import { FixedWindow } from './fixed-window.ts';
import type { Ledger } from './ledger.ts';
import { RollingWindow } from './rolling-window.ts';
import type { StandardQuota } from './standard-quota.ts';

const MINUTE_MS = 60_000;
const REQUEST_WINDOW_MS = 10_000;
/** Azure's answer to a request larger than the whole quota is not known. */
const LONGEST_WAIT_MS = MINUTE_MS;
/** Another client of the quota takes its share in steps of this length. */
const OTHERS_STEP_MS = 1000;

/** A pay-as-you-go quota: tokens of a minute and requests of a short window, charged on arrival for good. */
export class StandardLedger implements Ledger {
  readonly #quota: StandardQuota;
  readonly #minuteMs: number;
  readonly #requestWindowMs: number;
  readonly #tokens: RollingWindow | FixedWindow;
  readonly #requests: RollingWindow;
  /** The requests within the reported window. */
  readonly #told: RollingWindow;
  #inFlight = 0;
  #othersAtMs = 0;
  #othersTokens = 0;
  servedTokens = 0;

  constructor(quota: StandardQuota) {
    const { tpm = Number.POSITIVE_INFINITY, isFixed = false } = quota;
    const { tokenWindowMs = MINUTE_MS, requestWindowMs = REQUEST_WINDOW_MS } = quota;
    this.#quota = quota;
    this.#minuteMs = tokenWindowMs;
    this.#requestWindowMs = requestWindowMs;
    this.#tokens = isFixed ? new FixedWindow(tpm, tokenWindowMs) : new RollingWindow(tpm, tokenWindowMs);
    this.#told = new RollingWindow(Number.POSITIVE_INFINITY, quota.toldWindowMs ?? tokenWindowMs);
    this.#requests = new RollingWindow(this.#requestsIn(requestWindowMs, 1), requestWindowMs);
  }

  /** Without a limit on tokens, those of as many calls as are allowed. */
  allowedTokens(durationMs: number): number {
    const { tpm, rpm = Infinity, tokensPerCall = Infinity, factorAt, isOutAt } = this.#quota;
    const perMinute = tpm ?? rpm * tokensPerCall;
    let allowed = 0;
    for (let atMs = 0; atMs < durationMs; atMs += this.#minuteMs)
      if (isOutAt?.(atMs) !== true) allowed += perMinute * (factorAt?.(atMs) ?? 1);
    return allowed - this.#othersTokens;
  }

  usedShare(nowMs: number): number {
    const tokens = this.#tokens.usedAt(nowMs) / this.#tokens.limit;
    return Math.max(tokens, this.#requests.usedAt(nowMs) / this.#requests.limit);
  }

  hasRoom(call: Call, nowMs: number): boolean {
    this.#advance(nowMs);
    const { isOutAt, maxInFlight = Number.POSITIVE_INFINITY } = this.#quota;
    if (isOutAt?.(nowMs) === true || this.#inFlight >= maxInFlight) return false;
    return this.#tokens.hasRoom(chargedTokens(call), nowMs) && this.#requests.hasRoom(1, nowMs);
  }

  charge(call: Call, nowMs: number): void {
    const tokens = chargedTokens(call);
    this.#charge(tokens, nowMs);
    this.#inFlight += 1;
    this.servedTokens += tokens;
  }

  /** A short answer gives nothing back. */
  finish(): void {
    this.#inFlight -= 1;
  }

  /** Newer models report the requests of a minute, although those of a shorter window are limited. */
  describe(refused: Call | undefined, nowMs: number): HeaderLookup {
    this.#advance(nowMs);
    const { isTold = true, tellWait = (seconds: number) => seconds } = this.#quota;
    const seconds = refused && tellWait(Math.ceil(this.#waitMs(refused, nowMs) / 1000));
    const told = new Map<string, number | string>();
    if (seconds !== undefined) told.set('retry-after', seconds);
    if (isTold) this.#tellLimits(told, nowMs);
    if (isTold && refused !== undefined) told.set('policy-id', this.#policyOf(refused, nowMs));
    return (name) => told.get(name)?.toString();
  }

  #tellLimits(told: Map<string, number | string>, nowMs: number): void {
    const { rpm, toldWindowMs = this.#minuteMs } = this.#quota;
    const { limit } = this.#tokens;
    if (limit !== Number.POSITIVE_INFINITY) {
      told.set('x-ratelimit-limit-tokens', limit);
      told.set('x-ratelimit-remaining-tokens', limit - this.#tokens.usedAt(nowMs));
    }
    if (rpm === undefined || rpm === Number.POSITIVE_INFINITY) return;
    const requests = this.#requestsIn(toldWindowMs, this.#factorAt(nowMs));
    told.set('x-ratelimit-limit-requests', requests);
    told.set('x-ratelimit-remaining-requests', Math.max(0, requests - this.#told.countAt(nowMs)));
  }

  /** Azure's name for the limit that a call is refused for. */
  #policyOf(call: Call, nowMs: number): string {
    const isOfRequests = this.#requests.waitMs(1, nowMs) > this.#tokens.waitMs(chargedTokens(call), nowMs);
    return isOfRequests ? 'DeploymentRatelimit-Call' : 'DeploymentRatelimit-Token';
  }

  #waitMs(call: Call, nowMs: number): number {
    const waitMs = Math.max(this.#tokens.waitMs(chargedTokens(call), nowMs), this.#requests.waitMs(1, nowMs));
    // Nobody knows how long the lack of capacity lasts.
    return Math.min(Math.max(waitMs, 1), LONGEST_WAIT_MS);
  }

  #charge(tokens: number, nowMs: number): void {
    this.#tokens.charge(tokens, nowMs);
    this.#requests.charge(1, nowMs);
    this.#told.charge(1, nowMs);
  }

  /** Brings the limits, and the usage of others, up to date. */
  #advance(nowMs: number): void {
    const { tpm, rpm, factorAt, othersShare = 0 } = this.#quota;
    if (factorAt !== undefined) {
      const factor = factorAt(nowMs);
      if (tpm !== undefined) this.#tokens.limit = tpm * factor;
      if (rpm !== undefined) this.#requests.limit = this.#requestsIn(this.#requestWindowMs, factor);
    }
    if (othersShare === 0) return;
    const tokens = ((tpm ?? 0) * othersShare * OTHERS_STEP_MS) / this.#minuteMs;
    for (; this.#othersAtMs <= nowMs; this.#othersAtMs += OTHERS_STEP_MS) {
      if (!this.#tokens.hasRoom(tokens, this.#othersAtMs)) continue;
      this.#tokens.charge(tokens, this.#othersAtMs);
      this.#othersTokens += tokens;
    }
  }

  #factorAt(nowMs: number): number {
    return this.#quota.factorAt?.(nowMs) ?? 1;
  }

  #requestsIn(windowMs: number, factor: number): number {
    const { rpm = Number.POSITIVE_INFINITY } = this.#quota;
    return Math.ceil((rpm * factor * windowMs) / this.#minuteMs);
  }
}
