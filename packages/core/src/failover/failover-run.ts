import type { Answer, AttemptRecord, AttemptResult, HeaderLookup } from '../attempt.ts';
import { judgeOutcome } from '../azure/judge-outcome.ts';
import type { Backend } from '../backend.ts';
import { isFailure, ofRequest, type Outcome } from '../outcome.ts';
import type { BackendPool } from '../pool/backend-pool.ts';
import type { Quota } from '../quota/quota.ts';
import type { Manner, Selected } from '../selection/select-backend.ts';
import type { Recovery } from '../selection/soonest-recovery.ts';
import { FREE, type Reservations, type Way } from '../waiting/waiting-request.ts';
import { isHurried, isTooLate, timeLimitMs } from './deadline.ts';
import { decideNextStep, type FailoverRequest } from './decide-next-step.ts';
import { noteDone, recoveryOfOthers } from './decliners.ts';
import { exhaustedCause, givenUpCause } from './exhausted-cause.ts';
import { isWorthKeeping, KeptRefusal } from './kept-refusal.ts';
import { openAtMs, Refusals } from './refusals.ts';
import type { Transport, Waiting } from './transport.ts';
import { recordOf, type Trial } from './trial.ts';
import type { Exhausted, ExhaustedCause, Verdict } from './verdict.ts';

/** The ending of a request for which no backend is left. */
type Ended<B extends Backend, Body> = Exclude<Verdict<B, Body>, { kind: 'abandoned' }>;

/** One request's way through the pool: the steps of the failover's loop, and the attempts so far. */
export class FailoverRun<B extends Backend, Body> {
  readonly pool: BackendPool<B>;
  readonly request: FailoverRequest;
  readonly transport: Transport<B, Body>;
  readonly nowMs: () => number;
  readonly #waiting: Waiting | undefined;
  readonly attempts: AttemptRecord<B>[] = [];
  /** How many attempts have begun. */
  #begun = 0;
  /** The backends that have refused it, where it may wait and ask again. */
  #refusals: Refusals | undefined;
  #refusal: KeptRefusal<B, Body> | undefined;
  /** When a backend was last looked for. */
  #selectedMs = Number.NEGATIVE_INFINITY;
  /** Whether the requests that wait have not yet looked again since this one was refused. */
  #isLookDue = false;

  constructor(
    pool: BackendPool<B>,
    request: FailoverRequest,
    transport: Transport<B, Body>,
    nowMs: () => number,
  ) {
    this.pool = pool;
    this.request = request;
    this.transport = transport;
    this.nowMs = nowMs;
    this.#waiting = transport.waiting;
  }

  /**
   * Chooses the backend for the next attempt, or returns why there is none.
   *
   * @param way what the waiting requests leave to it
   */
  select({ reservations, isPatient } = this.#way()): Selected<B> | Ended<B, Body> {
    const nowMs = this.nowMs();
    const attempts = this.attempts;
    if (this.#selectedMs === Number.NEGATIVE_INFINITY) this.pool.retries?.earn(nowMs);
    this.#selectedMs = nowMs;
    const isFree = attempts.length === 0 && reservations.size === 0;
    const isTaken = isFree
      ? undefined
      : (backend: B) => this.#hasBeenTried(backend) || this.isReserved(backend, reservations);
    const selection = this.pool.select(this.request, isTaken, nowMs, isPatient ? 'patient' : undefined);
    const isLate = isTooLate(this.transport.timing, attempts.length, nowMs);
    if (selection.kind === 'exhausted') {
      const reservedMs = this.#reservedMs(reservations);
      const recovery = recoveryOfOthers(this.pool, this.request, attempts, selection, nowMs);
      const isThrottled = recovery.isThrottled || reservedMs !== undefined;
      const cause = exhaustedCause(isThrottled, attempts, isLate);
      const isAgreed = cause === 'declined' || cause === 'deployment-missing';
      const refusal = isAgreed ? this.#refusal?.relay(attempts) : undefined;
      return refusal ?? this.#exhausted(cause, reservedMs ?? recovery.recoveryMs);
    }
    if (isLate) return this.#refusal?.relay(attempts) ?? this.#exhausted('out-of-time');
    const last = attempts.at(-1);
    if (last !== undefined && isFailure(last.outcome) && !this.pool.takeRetry(nowMs))
      return this.#exhausted('retries-spent');
    return selection;
  }

  /** Returns which of the backends still open to this request can take it first. */
  firstToRecover(reservations: Reservations): Recovery<B> | undefined {
    const askAtMs = (backend: B) =>
      Math.max(
        openAtMs(backend, this.attempts, this.#refusals),
        reservations.get(this.#quotaOf(backend)) ?? Number.NEGATIVE_INFINITY,
      );
    return this.pool.firstToRecover(this.request, askAtMs, this.#selectedMs);
  }

  /** Returns whether a request ahead is waiting for a backend's quota. */
  isReserved(backend: B, reservations: Reservations): boolean {
    return reservations.size > 0 && reservations.has(this.#quotaOf(backend));
  }

  /** Whether it was refused several times where there seemed to be room for it. */
  get isOftenRefused(): boolean {
    return this.#refusals?.areSurprising ?? false;
  }

  /**
   * Returns the quota to reserve for it at a backend until it has room there; none where the request is hardly ever
   * served, as the quota would stand idle, or where quotas play no part.
   */
  quotaToReserve(backend: B): Quota | undefined {
    const quota = this.#quotaOf(backend);
    const isInVain = this.isOftenRefused || quota.exceedsLimit(this.request.estimate);
    return isInVain || !this.pool.regardsHeadroom ? undefined : quota;
  }

  /** Lets the waiting requests look again if its last attempt has changed something. */
  letOthersLook(): void {
    if (!this.#isLookDue) return;
    this.#isLookDue = false;
    this.#waiting?.room.lookAgain();
  }

  /** The request is about to wait. */
  prepareToWait(): void {
    this.#refusal?.drop();
    this.#refusals?.prepareToWait();
  }

  /**
   * Chooses a backend for an attempt beside those under way, if there is one that nobody waits for, and the budget
   * allows it.
   */
  selectBeside(trials: readonly Trial<B>[], manner?: Manner): B | undefined {
    const { reservations } = this.#way();
    const nowMs = (this.#selectedMs = this.nowMs());
    const isTaken = (backend: B) =>
      trials.some(({ attempt }) => attempt.backend.name === backend.name) ||
      this.#hasBeenTried(backend) ||
      this.isReserved(backend, reservations);
    const selection = this.pool.select(this.request, isTaken, nowMs, manner);
    if (selection.kind !== 'selected') return undefined;
    if (isTooLate(this.transport.timing, this.#begun, nowMs)) return undefined;
    return this.pool.takeRetry(nowMs) ? selection.backend : undefined;
  }

  /**
   * Begins an attempt at the backend just selected. It must be ended or dropped.
   *
   * @param isBesideSilence whether it begins beside attempts that are silent
   */
  begin(backend: B, isBesideSilence?: true): Trial<B> {
    const spill = this.pool.spillOf(this.request, backend, this.attempts, this.#selectedMs);
    const lease = this.pool.lease(backend, this.request.deployment, this.#selectedMs, this.request);
    const { deployment } = lease;
    this.transport.hold?.(lease);
    this.letOthersLook();
    return {
      attempt: { number: ++this.#begun, backend: lease.backend, deployment, isBesideSilence },
      spill,
      lease,
      timeLimitMs: timeLimitMs(this.transport.timing, this.#selectedMs),
    };
  }

  /**
   * Ends an attempt with its result. Returns how the request ends with it, or `undefined` if another attempt is to
   * follow.
   *
   * @param isAlone whether no other attempt is under way
   */
  end(trial: Trial<B>, result: AttemptResult<Body>, isAlone = true): Verdict<B, Body> | undefined {
    const { request, transport } = this;
    const answer = result.kind === 'answered' ? result : undefined;
    const outcome = ofRequest(judgeOutcome(result, isHurried(transport.timing, trial.timeLimitMs)), request);
    if (trial.lease.isSettled) this.#amend(trial, outcome);
    else this.settle(trial, outcome, answer?.header);

    const isForLack = !isAlone && answer && request.isRefusedForLack?.(outcome, answer);
    const step = isForLack ? 'retry' : decideNextStep(outcome, request, transport.isBodyGone?.());
    if (step !== 'retry') this.letOthersLook();
    if (outcome.kind === 'succeeded') noteDone(this, trial.lease);
    if (step === 'retry') {
      const isKept = isForLack || isWorthKeeping(outcome, request.deployment);
      if (isKept && answer !== undefined) this.#keep(answer, trial);
      else this.#dismiss(answer, trial);
      return undefined;
    }
    this.#refusal?.drop();
    if (step === 'relay' && answer !== undefined)
      return { kind: 'relay', answer, lease: trial.lease, attempts: this.attempts };
    this.#dismiss(answer, trial);
    if (step === 'abandon') return { kind: 'abandoned', attempts: this.attempts };
    return this.#exhausted(givenUpCause(outcome, request.createsObject));
  }

  /** Keeps an answer for the client, in case no other backend does better. */
  #keep(answer: Answer<Body>, { lease }: Trial<B>): void {
    this.#refusal ??= new KeptRefusal((body) => this.transport.discard(body));
    this.#refusal.keep(answer, lease);
  }

  /** Frees the slot of an attempt whose answer, if there is one, the client will not get. */
  #dismiss(answer: Answer<Body> | undefined, { lease }: Trial<B>): void {
    lease.release();
    if (answer !== undefined) this.transport.discard(answer.body);
  }

  /** Ends an attempt that has lost against the one that ended last. */
  drop(trial: Trial<B>, wasSilent: boolean): void {
    this.transport.abort(trial.attempt);
    trial.lease.release();
    if (trial.lease.isSettled) return;
    if (wasSilent) this.pool.settleSilence(trial.lease, this.nowMs());
    this.settle(trial, { kind: 'aborted' });
    // The last attempt in the list stays the one that settled the request.
    this.attempts.push(...this.attempts.splice(-2, 1));
  }

  /** It was silent for so long that it was settled as a failure, and then ended otherwise. */
  #amend(trial: Trial<B>, outcome: Outcome): void {
    if (outcome.kind === 'unreachable') return;
    const at = this.attempts.findIndex(({ number }) => number === trial.attempt.number);
    this.attempts.splice(at, 1);
    this.attempts.push(recordOf(trial, outcome, this.nowMs()));
  }

  /** Notes how an attempt has ended, or a silence that counts as its end. */
  settle(trial: Trial<B>, outcome: Outcome, header?: HeaderLookup): void {
    const { attempt, lease } = trial;
    const nowMs = this.nowMs();
    if (!lease.isSettled) this.pool.settle(lease, outcome, nowMs, header);
    this.attempts.push(recordOf(trial, outcome, nowMs));
    if (this.#waiting === undefined) return;
    if (outcome.kind === 'throttled')
      (this.#refusals ??= new Refusals()).note(attempt.backend, nowMs, lease.charge.isProbe);
    this.#isLookDue = true;
    // Quota that refused it is not for those behind it: they look once it has its place back.
    if (outcome.kind !== 'throttled') this.letOthersLook();
  }

  #way(): Way {
    const waiting = this.#waiting;
    return waiting === undefined || waiting.room.isEmpty ? FREE : waiting.room.makeWay(this.request);
  }

  /** Returns in how many ms there is room again if reservations alone keep it from a backend; undefined otherwise. */
  #reservedMs(reservations: Reservations): number | undefined {
    const isOnlyReserved = (backend: B) =>
      !this.#hasBeenTried(backend) && this.isReserved(backend, reservations);
    if (reservations.size === 0 || !this.pool.backends.some(isOnlyReserved)) return undefined;
    const first = this.firstToRecover(reservations);
    return first && Math.max(0, first.recoversAtMs - this.#selectedMs);
  }

  #hasBeenTried(backend: B): boolean {
    return openAtMs(backend, this.attempts, this.#refusals) > this.#selectedMs;
  }

  #quotaOf(backend: B): Quota {
    return this.pool.quotaOf(backend, this.request.deployment);
  }

  #exhausted(cause: ExhaustedCause, recoveryMs = 0): Exhausted<B> {
    this.#refusal?.drop();
    return { kind: 'exhausted', cause, recoveryMs, owner: this.request.owner, attempts: this.attempts };
  }
}
