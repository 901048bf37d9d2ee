import type { Attempt, AttemptRecord, AttemptResult } from './attempt.ts';
import type { Backend } from './backend.ts';
import type { BackendPool } from './backend-pool.ts';
import { decideNextStep } from './decide-next-step.ts';
import { exhaustedCause, givenUpCause } from './exhausted-cause.ts';
import type { FailoverRequest } from './failover-request.ts';
import { judgeOutcome } from './judge-outcome.ts';
import type { Lease } from './lease.ts';
import { isFailure, type Outcome } from './outcome.ts';
import type { Selection } from './select-backend.ts';
import { isHurried, isTooLate, timeLimitMs } from './timing.ts';
import type { Transport } from './transport.ts';
import type { Exhausted, ExhaustedCause, Verdict } from './verdict.ts';

/** An attempt that is under way. */
export interface Trial<B extends Backend> {
  readonly attempt: Attempt<B>;
  readonly lease: Lease<B>;
  /** How long it may take to its response's headers. */
  readonly timeLimitMs: number;
}

type Selected<B extends Backend> = Extract<Selection<B>, { kind: 'selected' }>;

/** One request's way through the pool: the steps of the failover's loop, and the attempts so far. */
export class FailoverRun<B extends Backend, Body> {
  readonly #pool: BackendPool<B>;
  readonly #request: FailoverRequest;
  readonly #transport: Transport<B, Body>;
  readonly #nowMs: () => number;
  readonly #attempts: AttemptRecord<B>[] = [];
  /** When a backend was last looked for. */
  #selectedMs = 0;

  constructor(
    pool: BackendPool<B>,
    request: FailoverRequest,
    transport: Transport<B, Body>,
    nowMs: () => number,
  ) {
    this.#pool = pool;
    this.#request = request;
    this.#transport = transport;
    this.#nowMs = nowMs;
  }

  /** Chooses the backend for the next attempt, or answers why there is none. */
  select(): Selected<B> | Exhausted<B> {
    const nowMs = (this.#selectedMs = this.#nowMs());
    const attempts = this.#attempts;
    if (attempts.length === 0) this.#pool.noteRequest(nowMs);
    const selection = this.#pool.select(this.#request, (backend) => this.#hasBeenTried(backend), nowMs);
    const isLate = isTooLate(this.#transport.timing, attempts.length, nowMs);
    if (selection.kind === 'exhausted') {
      const cause = exhaustedCause(selection.isThrottled, attempts, isLate);
      return this.#exhausted(cause, selection.recoveryMs);
    }
    if (isLate) return this.#exhausted('out-of-time');
    const last = attempts.at(-1);
    if (last !== undefined && isFailure(last.outcome) && !this.#pool.takeRetry(nowMs))
      return this.#exhausted('retries-spent');
    return selection;
  }

  /** Chooses a backend for an attempt beside one that is under way, if there is one and the budget allows it. */
  selectBeside({ attempt }: Trial<B>): B | undefined {
    const nowMs = (this.#selectedMs = this.#nowMs());
    const isTaken = (backend: B) => backend === attempt.backend || this.#hasBeenTried(backend);
    const selection = this.#pool.select(this.#request, isTaken, nowMs);
    const isPossible =
      selection.kind === 'selected' &&
      !isTooLate(this.#transport.timing, attempt.number, nowMs) &&
      this.#pool.takeRetry(nowMs);
    return isPossible ? selection.backend : undefined;
  }

  /** Begins an attempt at the backend that has just been selected. It must be ended or dropped. */
  begin(backend: B, number = this.#attempts.length + 1): Trial<B> {
    const lease = this.#pool.lease(backend, this.#request.deployment, this.#selectedMs);
    return {
      attempt: { number, backend, deployment: lease.deployment },
      lease,
      timeLimitMs: timeLimitMs(this.#transport.timing, this.#selectedMs),
    };
  }

  forward({ attempt, timeLimitMs }: Trial<B>): Promise<AttemptResult<Body>> {
    return this.#transport.forward(attempt, timeLimitMs);
  }

  /** Ends an attempt with its result. Answers how the request ends with it, or `undefined` if another is to follow. */
  end(trial: Trial<B>, result: AttemptResult<Body>): Verdict<B, Body> | undefined {
    const outcome = judgeOutcome(result, isHurried(this.#transport.timing, trial.timeLimitMs));
    this.#settle(trial, outcome);
    const isBodyGone = this.#transport.isBodyGone?.() ?? false;
    const step = decideNextStep(outcome, this.#request, isBodyGone);
    if (step === 'relay' && result.kind === 'answered')
      return { kind: 'relay', answer: result, lease: trial.lease, attempts: this.#attempts };

    trial.lease.release();
    if (result.kind === 'answered') this.#transport.discard(result.body);
    if (step === 'abandon') return { kind: 'abandoned', attempts: this.#attempts };
    if (step === 'give-up') return this.#exhausted(givenUpCause(outcome, this.#request.createsObject));
    return undefined;
  }

  /** Ends an attempt that has lost against the one that ended last. It cools nobody. */
  drop(trial: Trial<B>, pending: Promise<AttemptResult<Body>>): void {
    this.#settle(trial, { kind: 'aborted' });
    // The last attempt stays the one that settled the request.
    this.#attempts.push(...this.#attempts.splice(-2, 1));
    trial.lease.release();
    void this.#discard(pending);
  }

  async #discard(pending: Promise<AttemptResult<Body>>): Promise<void> {
    const result = await pending;
    if (result.kind === 'answered') this.#transport.discard(result.body);
  }

  #settle({ attempt, lease }: Trial<B>, outcome: Outcome): void {
    const nowMs = this.#nowMs();
    this.#pool.settle(lease, outcome, nowMs);
    const { number, backend, deployment } = attempt;
    const durationMs = nowMs - lease.startedMs;
    this.#attempts.push({ number, backend, deployment, outcome, durationMs });
  }

  #hasBeenTried(backend: B): boolean {
    return this.#attempts.some((attempt) => attempt.backend === backend);
  }

  #exhausted(cause: ExhaustedCause, recoveryMs = 0): Exhausted<B> {
    return { kind: 'exhausted', cause, recoveryMs, owner: this.#request.owner, attempts: this.#attempts };
  }
}
