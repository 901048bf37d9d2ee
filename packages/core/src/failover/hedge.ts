import type { AttemptResult } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import type { FailoverRun } from './failover-run.ts';
import type { Hedging, Trial } from './transport.ts';
import type { Verdict } from './verdict.ts';

/**
 * Runs an attempt, and a second on another backend beside it when the first has not answered after a while. The first
 * answer that the client may see wins, and the other attempt is aborted. Answers as `FailoverRun.end` does.
 */
export async function raceHedge<B extends Backend, Body>(
  run: FailoverRun<B, Body>,
  first: Trial<B>,
  hedging: Hedging<B>,
): Promise<Verdict<B, Body> | undefined> {
  const firstResult = run.forward(first);
  const wait = hedging.wait();
  const early = await Promise.race([firstResult, wait.isOver]);
  wait.cancel();
  if (early !== undefined) return run.end(first, early);

  const beside = run.selectBeside(first);
  if (beside === undefined) return run.end(first, await firstResult);
  const second = run.begin(beside, first.attempt.number + 1);
  const runners: [Runner<B, Body>, Runner<B, Body>] = [
    { trial: first, pending: firstResult },
    { trial: second, pending: run.forward(second) },
  ];
  const { winner, loser, result } = await Promise.race([finish(...runners), finish(runners[1], runners[0])]);

  const verdict = run.end(winner.trial, result);
  // A failure is no end while the other may still answer, which may take its time.
  if (verdict === undefined) {
    run.letOthersLook();
    return run.end(loser.trial, await loser.pending);
  }
  hedging.abort(loser.trial.attempt);
  run.drop(loser.trial, loser.pending);
  return verdict;
}

interface Runner<B extends Backend, Body> {
  readonly trial: Trial<B>;
  readonly pending: Promise<AttemptResult<Body>>;
}

async function finish<B extends Backend, Body>(winner: Runner<B, Body>, loser: Runner<B, Body>) {
  return { winner, loser, result: await winner.pending };
}
