import { once } from 'node:events';
import type { Program, RunOptions, Stage } from '../programs/program.ts';

/** Called now and then with the number of finished cases. */
export type OnProgress = (done: number, total: number) => void;

const PROGRESS_EVERY_MS = 2000;
/** Every case has limits of its own, all of them shorter. */
const CASE_LIMIT_MS = 150_000;

/** Runs the cases of a program, some at a time. Resolves with how many have run, which are fewer if its time is over. */
export async function runCases(
  program: Program,
  stage: Stage,
  { share, onlyCase }: RunOptions,
  onProgress: OnProgress,
): Promise<number> {
  const total = onlyCase === undefined ? Math.max(1, Math.round(program.count * share)) : 1;
  const lateMs = performance.now() + program.limitMs;
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < total && performance.now() < lateMs) {
      const index = onlyCase ?? next;
      next += 1;
      await runCase(program, stage, index);
      done += 1;
    }
  };
  const progress = setInterval(() => onProgress(done, total), PROGRESS_EVERY_MS);
  await Promise.all(Array.from({ length: Math.min(program.together, total) }, work));
  clearInterval(progress);
  return done;
}

async function runCase(program: Program, stage: Stage, index: number): Promise<void> {
  const limit = AbortSignal.timeout(CASE_LIMIT_MS);
  const ran = program.runCase(stage, index).then(
    () => true,
    (error: unknown) => {
      stage.findings.add('answered', `the case failed: ${(error as Error).stack}`, index);
      return true;
    },
  );
  const isOver = await Promise.race([ran, once(limit, 'abort').then(() => false)]);
  if (!isOver) stage.findings.add('answered', 'the case did not end', index);
}
