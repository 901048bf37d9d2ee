import type { Backend } from '../backend.ts';
import { MIN_HEDGE_MS } from '../health/response-times.ts';
import type { Outcome } from '../outcome.ts';
import { isTooLate, timeLeftMs } from './deadline.ts';
import { decideNextStep, onlyAsks } from './decide-next-step.ts';
import type { FailoverRun } from './failover-run.ts';
import type { Overdue, Progress } from './transport.ts';
import type { Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

/** The interval after which the race checks again whether another attempt is possible. */
const LOOK_AGAIN_MS = 250;

/** Sends an attempt. Returns its progress at the end of its first time. */
export function forward<B extends Backend, Body>(
  run: FailoverRun<B, Body>,
  trial: Trial<B>,
): Promise<Progress<Body>> {
  return run.transport.forward(trial.attempt, firstTimeMs(run, trial));
}

/** Returns after how long an attempt is first checked: the hedge's delay, or else its whole usual time. */
function firstTimeMs<B extends Backend, Body>(run: FailoverRun<B, Body>, { timeLimitMs }: Trial<B>): number {
  const { pool, request, transport } = run;
  const { hedging } = transport;
  const hasChoice = (pool.size > 1 && request.owner === undefined) || onlyAsks(request);
  if (hedging === undefined || !hasChoice) return timeLimitMs;
  return Math.min(hedging.afterMs === 'auto' ? MIN_HEDGE_MS : hedging.afterMs, timeLimitMs);
}

/** One attempt of a race. */
interface Runner<B extends Backend, Body> {
  readonly trial: Trial<B>;
  next: Promise<Progress<Body>>;
  /** The time given to it so far. */
  givenMs: number;
  /** Whether its usual time is over and another attempt has begun in its place. */
  isOut: boolean;
  /** Whether it has taken longer than usual. */
  isLate: boolean;
}

/**
 * The attempts of a request whose first has not answered in time. Another attempt begins beside it: as a hedge if that
 * costs nobody anything, and at the end of an attempt's usual time as after a failure. No attempt is aborted for being
 * slow, as it may just be long; the first answer that no other backend could better wins. An attempt that no other can
 * follow has all the remaining time.
 */
export class Race<B extends Backend, Body> {
  readonly #run: FailoverRun<B, Body>;
  readonly #runners: Runner<B, Body>[];

  constructor(run: FailoverRun<B, Body>, trial: Trial<B>, overdue: Overdue<Body>) {
    this.#run = run;
    const givenMs = firstTimeMs(run, trial);
    this.#runners = [{ trial, next: Promise.resolve(overdue), givenMs, isOut: false, isLate: false }];
  }

  /** Returns how the request ends, or `undefined` if all attempts under way have failed and another is to follow. */
  async run(): Promise<Verdict<B, Body> | undefined> {
    for (;;) {
      const { runner, result } = await Promise.race(this.#runners.map(progressOf));
      if (result.kind === 'overdue') {
        this.#decide(runner, result);
        continue;
      }
      this.#runners.splice(this.#runners.indexOf(runner), 1);
      const verdict = this.#run.end(runner.trial, result, this.#runners.length === 0);
      if (verdict !== undefined) {
        for (const loser of this.#runners) this.#drop(loser, runner, verdict);
        return verdict;
      }
      if (this.#runners.length === 0) return undefined;
      // A failure does not end the race while another attempt may still answer, which may take its time.
      this.#run.letOthersLook();
      if (this.#runners.every(({ isOut }) => isOut)) this.#beginAnother();
      else if (this.#runners.every(({ isLate }) => isLate)) this.#beginAnother('optional');
    }
  }

  /** Nobody waits for it any more, whatever its result. */
  #drop(loser: Runner<B, Body>, winner: Runner<B, Body>, { kind }: Verdict<B, Body>): void {
    const { transport } = this.#run;
    const { trial, next } = loser;
    this.#run.drop(trial, kind === 'relay' && this.#isToBlame(loser, winner));
    next.then((result) => result.kind === 'answered' && transport.discard(result.body)).catch(() => {});
  }

  /**
   * Whether a late attempt shows something about its backend: not if the winner needed as long, or was later than usual
   * itself, as what is asked for may just take longer than what was asked for before.
   */
  #isToBlame({ trial, isLate }: Runner<B, Body>, winner: Runner<B, Body>): boolean {
    if (!isLate || trial.lease.startedMs > winner.trial.lease.startedMs) return false;
    return !winner.isLate || this.#run.transport.hedging?.afterMs !== 'auto';
  }

  #decide(runner: Runner<B, Body>, overdue: Overdue<Body>): void {
    const usualMs = runner.trial.timeLimitMs - runner.givenMs;
    if (usualMs > 0) this.#hedge(runner, overdue, usualMs);
    else this.#replace(runner, overdue);
  }

  /** Its usual time is not over yet. */
  #hedge(runner: Runner<B, Body>, overdue: Overdue<Body>, usualMs: number): void {
    if (overdue.isAnswering) return wait(runner, overdue, usualMs);
    const dueMs = this.#hedgeAfterMs(runner) - runner.givenMs;
    if (dueMs > 0) return wait(runner, overdue, Math.min(usualMs, dueMs));
    runner.isLate = true;
    if (this.#run.request.createsObject) {
      // Nobody else may be asked for it, but later requests need not wait there as well.
      this.#run.pool.noteSilence(runner.trial.lease, this.#run.nowMs());
      return wait(runner, overdue, usualMs);
    }
    const isDone = this.#runners.at(-1) !== runner || this.#beginAnother('optional');
    wait(runner, overdue, isDone ? usualMs : Math.min(usualMs, LOOK_AGAIN_MS));
  }

  #hedgeAfterMs({ givenMs, trial }: Runner<B, Body>): number {
    const { pool, request, transport, nowMs } = this.#run;
    const { hedging } = transport;
    if (hedging?.afterMs !== 'auto') return hedging?.afterMs ?? Number.POSITIVE_INFINITY;
    const { lateAnswers } = pool;
    const { deployment } = request;
    const isStream = transport.isStream?.() ?? false;
    const lateMs = lateAnswers.lateAfterMs(deployment, isStream);
    if (lateMs !== undefined) return lateMs;
    // Other answers may show what is usual before this one comes.
    if (request.createsObject) return givenMs + LOOK_AGAIN_MS;
    const { isServingOthers } = trial.lease;
    const soFar = { silentMs: givenMs, isServingOthers };
    const mayTry = lateAnswers.takeTrial(deployment, isStream, soFar, nowMs());
    return mayTry ? givenMs : givenMs + LOOK_AGAIN_MS;
  }

  /** Its usual time is over. */
  #replace(runner: Runner<B, Body>, overdue: Overdue<Body>): void {
    const { request, transport, nowMs } = this.#run;
    const leftMs = timeLeftMs(transport.timing, nowMs());
    if (leftMs === 0 || overdue.isAnswering) {
      runner.next = overdue.giveUp();
    } else if (runner.isOut || !this.#mayBeFollowed(overdue)) {
      wait(runner, overdue, leftMs);
    } else if (request.createsObject) {
      runner.next = overdue.giveUp();
    } else if (this.#runners.some((other) => other !== runner && !other.isOut) || this.#beginAnother()) {
      runner.isOut = true;
      this.#run.settle(runner.trial, silence(overdue));
      wait(runner, overdue, leftMs);
    } else {
      wait(runner, overdue, Math.min(leftMs, LOOK_AGAIN_MS));
    }
  }

  #mayBeFollowed(overdue: Overdue<Body>): boolean {
    const { request, transport } = this.#run;
    return decideNextStep(silence(overdue), request, transport.isBodyGone?.()) === 'retry';
  }

  /** Begins an attempt beside the others. Returns whether there was a backend for it. */
  #beginAnother(manner?: 'optional'): boolean {
    const run = this.#run;
    const trials = this.#runners.map(({ trial }) => trial);
    const backend = run.selectBeside(trials, manner) ?? this.#selectAgain();
    if (backend === undefined) return false;
    const trial = run.begin(backend, true);
    const givenMs = firstTimeMs(run, trial);
    this.#runners.push({ trial, next: forward(run, trial), givenMs, isOut: false, isLate: false });
    return true;
  }

  /**
   * Returns the backend of the only attempt under way, to be asked a second time, on another connection: the network may
   * have lost the first. Only for a request that has no effect.
   */
  #selectAgain(): B | undefined {
    const { pool, request, transport, attempts } = this.#run;
    const [runner, ...others] = this.#runners;
    if (runner === undefined || others.length > 0 || !onlyAsks(request)) return undefined;
    const { backend } = runner.trial.attempt;
    if (attempts.some((attempt) => attempt.backend.name === backend.name)) return undefined;
    const nowMs = this.#run.nowMs();
    if (isTooLate(transport.timing, attempts.length + 1, nowMs)) return undefined;
    return pool.takeRetry(nowMs) ? backend : undefined;
  }
}

function silence({ wasSent }: Overdue<unknown>): Outcome {
  return { kind: 'unreachable', failure: 'header-timeout', wasSent };
}

function wait<B extends Backend, Body>(runner: Runner<B, Body>, overdue: Overdue<Body>, ms: number): void {
  runner.givenMs += ms;
  runner.next = overdue.waitFor(ms);
}

async function progressOf<B extends Backend, Body>(runner: Runner<B, Body>) {
  return { runner, result: await runner.next };
}
