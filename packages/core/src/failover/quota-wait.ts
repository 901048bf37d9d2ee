import type { Backend } from '../backend.ts';
import type { Quota } from '../quota/quota.ts';
import type { RoutingRequest } from '../routing-request.ts';
import type { Reservations } from '../waiting/reservations.ts';
import { FREE, type WaitingRequest } from '../waiting/waiting-request.ts';
import type { FailoverRun, Trial } from './failover-run.ts';
import type { Waiting } from './transport.ts';
import type { Exhausted, Verdict } from './verdict.ts';

/** How a wait ends: with an attempt that has begun, or with the request. */
export type WaitEnding<B extends Backend, Body> =
  { readonly kind: 'begun'; readonly trial: Trial<B> } | Exclude<Verdict<B, Body>, { kind: 'relay' }>;

/** What a stay is made of. */
export interface StayParts<B extends Backend, Body> {
  readonly run: FailoverRun<B, Body>;
  readonly waiting: Waiting;
  /** How the request ends if it does not wait. */
  readonly refusal: Exhausted<B>;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** The clock of the failover. */
  readonly nowMs: () => number;
  /** Gets how the wait ended. */
  readonly end: (ending: WaitEnding<B, Body>) => void;
}

/** Time lets more to a recovering backend too, not only the outcome of its probes. */
const PROBING_MS = 200;

/** One request's stay in the waiting room. */
export class QuotaWait<B extends Backend, Body> implements WaitingRequest {
  readonly routing: RoutingRequest;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly isRestricted: boolean;
  awaited: Quota | undefined;
  looksAtMs = Number.POSITIVE_INFINITY;
  readonly #parts: StayParts<B, Body>;
  readonly #enteredMs: number;
  #refusal: Exhausted<B>;
  #refusedMs: number;

  constructor(parts: StayParts<B, Body>) {
    const { run, waiting, refusal, sinceMs, untilMs, nowMs } = parts;
    this.#enteredMs = nowMs();
    this.routing = run.routing;
    this.bytes = waiting.bytes;
    this.sinceMs = sinceMs;
    this.untilMs = untilMs;
    const hasFailed = run.attempts.some(({ outcome }) => outcome.kind !== 'throttled');
    this.isRestricted = hasFailed || run.isOftenRefused;
    this.#parts = parts;
    this.#refusal = refusal;
    this.#refusedMs = this.#enteredMs;
  }

  look(reservations: Reservations): boolean {
    const { run, nowMs } = this.#parts;
    // At the end of its time it takes what there is: a refusal that could have been an answer would be worse.
    const selection = run.select(nowMs() < this.untilMs ? { reservations, isPatient: true } : FREE);
    if (selection.kind === 'selected') {
      this.#end({ kind: 'begun', trial: run.begin(selection.backend) });
      return false;
    }
    this.#refusal = selection;
    this.#refusedMs = nowMs();
    const first = run.firstToRecover(reservations);
    const recoversAtMs = first?.recoversAtMs ?? Number.POSITIVE_INFINITY;
    // Those ahead may leave before they get what is kept for them.
    const soonest = reservations.size === 0 ? first : run.firstToRecover(FREE.reservations);
    const isInTime = soonest !== undefined && soonest.recoversAtMs <= this.untilMs;
    this.awaited = first && !run.isKept(first.backend, reservations) ? this.#claim(first.backend) : undefined;
    this.looksAtMs = recoversAtMs > this.#refusedMs ? recoversAtMs : this.#refusedMs + PROBING_MS;
    const isThrottled = selection.cause === 'throttled';
    if (isThrottled && isInTime && this.#refusedMs < this.untilMs) return true;
    this.#end(selection);
    return false;
  }

  dismiss(): void {
    const passedMs = this.#parts.nowMs() - this.#refusedMs;
    this.#end({ ...this.#refusal, recoveryMs: Math.max(0, this.#refusal.recoveryMs - passedMs) });
  }

  /** The client has left. */
  abort(): void {
    const { run, waiting } = this.#parts;
    this.#end({ kind: 'abandoned', attempts: run.attempts });
    waiting.room.leave(this);
  }

  /** The quota whose room is to be kept for it: none stands idle for what is hardly ever served. */
  #claim(backend: B): Quota | undefined {
    const { run } = this.#parts;
    const quota = run.quotaOf(backend);
    return run.isOftenRefused || quota.isTooLarge(run.routing.estimate) ? undefined : quota;
  }

  #end(ending: WaitEnding<B, Body>): void {
    const { waiting, nowMs, end } = this.#parts;
    const { client } = waiting;
    // Or else it has found a backend, or no place, as it came.
    if (client.current === this) {
      client.waitedMs += nowMs() - this.#enteredMs;
      client.current = undefined;
    }
    end(ending);
  }
}
