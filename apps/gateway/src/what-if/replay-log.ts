import { poolBackendOf } from '../config/pool-settings.ts';
import type { Config } from '../config/schema.ts';
import { findUsualUse, makeCalls } from './calls/make-calls.ts';
import { fillIn } from './log/fill-in.ts';
import type { LogContents, RequestPlace } from './log/read-log.ts';
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
 * Replays a log against each of these configurations.
 *
 * @param given quotas of backends that override those of the configurations
 * @throws Error if that is impossible
 */
export async function replayLog(
  contents: LogContents,
  tried: readonly Tried[],
  given: ReadonlyMap<string, GivenQuota>,
  showProgress: (text: string, share: number) => void,
): Promise<Outcome> {
  const [first, last] = [contents.requests[0], contents.requests.at(-1)];
  if (first === undefined || last === undefined)
    throw new Error('--log: there is no request in it that can be replayed');
  const lastedMs = last.arrivedMs - first.arrivedMs;
  if (lastedMs > MAX_DAYS * ONE_DAY_MS) throw new Error(describeLength(contents, lastedMs));
  const requests = fillIn(contents.requests);

  const usualUse = findUsualUse(requests);
  const calls = makeCalls(requests, usualUse);
  const answers: Answer[] = [];
  for (const [index, { name, config }] of tried.entries()) {
    showProgress(`${name} ...`, index / tried.length);
    const backends = config.backends.map(poolBackendOf);
    const quotas = findQuotas({ backends, requests, given });
    const unproven = findUnproven(backends, requests);
    answers.push({ name, quotas, unproven, findings: await replay(calls, config, quotas) });
  }
  const assumptions = describeAssumptions({ ...contents, replayed: requests.length }, answers, usualUse);
  return { requests: requests.length, startMs: first.arrivedMs, lastedMs, assumptions, answers };
}

/** A single line with a wrong time makes a log years long: it is the end that is farther from the median. */
function describeLength({ requests, ends }: LogContents, lastedMs: number): string {
  const middleMs = requests[Math.floor(requests.length / 2)]?.arrivedMs ?? 0;
  const distanceOf = (place: RequestPlace) => Math.abs(place.arrivedMs - middleMs);
  const [farthest] = ends.toSorted((one, other) => distanceOf(other) - distanceOf(one));
  const days = Math.round(lastedMs / ONE_DAY_MS);
  const found = `--log: the log is of ${days} days; allowed: at most ${MAX_DAYS}`;
  if (farthest === undefined) return found;
  return `${found}. Farthest from the others is ${farthest.file}:${farthest.number}, of ${dayOf(farthest.arrivedMs)}; half of them are before ${dayOf(middleMs)}`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
