import type { AttemptRecord } from '../attempt.ts';
import { isForClient, type Outcome, saysMissing } from '../outcome.ts';
import type { ExhaustedCause } from './verdict.ts';

/** Returns why a request has found no backend, once none is left to try. */
export function exhaustedCause(
  isThrottled: boolean,
  attempts: readonly AttemptRecord[],
  isLate: boolean,
): ExhaustedCause {
  const outcomes = attempts.filter(isLatest).map(({ outcome }) => outcome);
  if (isThrottled || outcomes.some(({ kind }) => kind === 'throttled')) return 'throttled';
  if (isLate && isTimeout(outcomes.at(-1))) return 'out-of-time';
  // Only throttling keeps a backend from being tried, so these are the outcomes of all backends.
  if (outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'not-found')) return 'not-found';
  if (outcomes.length > 0 && outcomes.every(isOwnTrouble)) return 'overloaded';
  if (outcomes.length === 0 || !outcomes.every(isForClient)) return 'unavailable';
  const isMissing = outcomes.every(({ kind }) => kind === 'unavailable') && outcomes.every(saysMissing);
  if (isMissing) return 'deployment-missing';
  return outcomes.every(saysMissing) ? 'unavailable' : 'declined';
}

/** After a wait, a backend may have been tried again: its latest outcome counts. */
function isLatest({ backend }: AttemptRecord, index: number, attempts: readonly AttemptRecord[]): boolean {
  return !attempts.some((attempt, later) => later > index && attempt.backend.name === backend.name);
}

/** Returns why a request is not tried elsewhere although there may be other backends. */
export function givenUpCause(outcome: Outcome, createsObject: boolean): ExhaustedCause {
  if (createsObject) return 'not-repeatable';
  return isTimeout(outcome) ? 'out-of-time' : 'not-replayable';
}

/** No backend has been asked anything. */
function isOwnTrouble(outcome: Outcome): boolean {
  return outcome.kind === 'unreachable' && outcome.failure === 'no-descriptors';
}

function isTimeout(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'unreachable' && outcome.failure === 'header-timeout';
}
