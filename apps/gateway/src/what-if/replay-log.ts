import { poolBackendOf } from '../config/pool-settings.ts';
import type { Config } from '../config/schema.ts';
import { findOutputShare, makeCalls } from './calls/make-calls.ts';
import { fillIn } from './log/fill-in.ts';
import type { LogContents } from './log/read-log.ts';
import { findQuotas } from './quotas/find-quotas.ts';
import { findUnproven } from './quotas/find-unproven.ts';
import type { GivenQuota } from './quotas/quota-truth.ts';
import { replay } from './replay/replay.ts';
import type { Answer, Outcome } from './result/answers.ts';
import { describeAssumptions } from './result/describe-assumptions.ts';

/** A configuration to try. */
export interface Tried {
  readonly name: string;
  readonly config: Config;
}

const ONE_DAY_MS = 86_400_000;
const MAX_DAYS = 31;

/**
 * Replays a log before each of these configurations.
 *
 * @param given quotas of backends, whatever the configurations say
 * @throws Error if that cannot be answered
 */
export async function replayLog(
  contents: LogContents,
  tried: readonly Tried[],
  given: ReadonlyMap<string, GivenQuota>,
  showProgress: (text: string, share: number) => void,
): Promise<Outcome> {
  const requests = fillIn(contents.requests);
  const [first, last] = [requests[0], requests.at(-1)];
  if (first === undefined || last === undefined)
    throw new Error('--log: there is no request in it that could be asked again');
  const lastedMs = last.arrivedMs - first.arrivedMs;
  const days = Math.round(lastedMs / ONE_DAY_MS);
  if (lastedMs > MAX_DAYS * ONE_DAY_MS)
    throw new Error(`--log: the log is of ${days} days; allowed: at most ${MAX_DAYS}`);

  const outputShare = findOutputShare(requests);
  const calls = makeCalls(requests, outputShare);
  const answers: Answer[] = [];
  for (const [index, { name, config }] of tried.entries()) {
    showProgress(`${name} ...`, index / tried.length);
    const backends = config.backends.map(poolBackendOf);
    const quotas = findQuotas({ backends, requests, given });
    const unproven = findUnproven(backends, requests);
    answers.push({ name, quotas, unproven, findings: await replay(calls, config, quotas) });
  }
  const assumptions = describeAssumptions({ ...contents, replayed: requests.length }, answers, outputShare);
  return { requests: requests.length, startMs: first.arrivedMs, lastedMs, assumptions, answers };
}
