import type { Backend } from '../backend.ts';
import type { Quota } from '../quota/quota.ts';
import type { RoutingRequest } from '../routing-request.ts';
import { FREE, type Reservations, type WaitingRequest } from '../waiting/waiting-request.ts';
import { latestWaitMs, type Timing } from './deadline.ts';
import type { FailoverRun } from './failover-run.ts';
import type { Waiting } from './transport.ts';
import type { Trial } from './trial.ts';
import type { Exhausted, Verdict } from './verdict.ts';

/** The end of a wait: with an attempt that has begun, or with the request. */
type WaitEnding<B extends Backend, Body> =
  { readonly kind: 'begun'; readonly trial: Trial<B> } | Verdict<B, Body>;

/**
 * Lets a request wait that has found no backend, if quota alone was missing and some will be free in time. Returns the
 * attempt that has begun in the end, or how the request ends without one.
 */
export function waitInRoom<B extends Backend, Body>(
  run: FailoverRun<B, Body>,
  refusal: Exhausted<B>,
  waiting: Waiting,
  timing: Timing,
  nowMs: () => number,
): Promise<WaitEnding<B, Body>> {
  const { room, client } = waiting;
  if (client.hasLeft) return Promise.resolve({ kind: 'abandoned', attempts: run.attempts });
  if (refusal.cause !== 'throttled') return Promise.resolve(refusal);
  const sinceMs = (client.waitsSinceMs ??= nowMs());
  const untilMs = Math.min(sinceMs + room.maxWaitMs, latestWaitMs(timing));
  if (untilMs <= nowMs()) return Promise.resolve(refusal);

  run.prepareToWait();
  return new Promise((end) => {
    const wait = new QuotaWait({ run, waiting, refusal, sinceMs, untilMs, nowMs, end });
    if (!wait.look(room.makeWay(run.request).reservations)) return;
    if (room.enter(wait)) client.current = wait;
    else wait.dismiss();
  });
}

/** The parts of a wait. */
interface QuotaWaitParts<B extends Backend, Body> {
  readonly run: FailoverRun<B, Body>;
  readonly waiting: Waiting;
  /** How the request ends if it does not wait. */
  readonly refusal: Exhausted<B>;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** The clock of the failover. */
  readonly nowMs: () => number;
  /** Receives how the wait ended. */
  readonly end: (ending: WaitEnding<B, Body>) => void;
}

/** A recovering backend takes more as time passes too, not only through the outcomes of its probes. */
const PROBING_MS = 200;

/** One request in the waiting room. */
class QuotaWait<B extends Backend, Body> implements WaitingRequest {
  readonly routing: RoutingRequest;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly isRestricted: boolean;
  awaited: Quota | undefined;
  looksAtMs = Number.POSITIVE_INFINITY;
  readonly #parts: QuotaWaitParts<B, Body>;
  readonly #enteredMs: number;
  #refusal: Exhausted<B>;
  #refusedMs: number;

  constructor(parts: QuotaWaitParts<B, Body>) {
    const { run, waiting, refusal, sinceMs, untilMs, nowMs } = parts;
    this.#enteredMs = nowMs();
    this.routing = run.request;
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
    // At the end of its time it takes whatever there is: a refusal instead of a possible answer would be worse.
    const selection = run.select(nowMs() < this.untilMs ? { reservations, isPatient: true } : FREE);
    if (selection.kind === 'selected') {
      this.#end({ kind: 'begun', trial: run.begin(selection.backend) });
      return false;
    }
    if (selection.kind === 'relay') {
      this.#end(selection);
      return false;
    }
    this.#refusal = selection;
    this.#refusedMs = nowMs();
    const first = run.firstToRecover(reservations);
    const recoversAtMs = first?.recoversAtMs ?? Number.POSITIVE_INFINITY;
    // Requests ahead may leave before they use their reservations.
    const soonest = reservations.size === 0 ? first : run.firstToRecover(FREE.reservations);
    const isInTime = soonest !== undefined && soonest.recoversAtMs <= this.untilMs;
    this.awaited =
      first && !run.isReserved(first.backend, reservations) ? run.quotaToReserve(first.backend) : undefined;
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

  #end(ending: WaitEnding<B, Body>): void {
    const { waiting, nowMs, end } = this.#parts;
    const { client } = waiting;
    // Otherwise it found a backend, or no place, the moment it came.
    if (client.current === this) {
      client.waitedMs += nowMs() - this.#enteredMs;
      client.current = undefined;
    }
    end(ending);
  }
}
