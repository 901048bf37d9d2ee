import type { AttemptRecord, Spill, SpillCause } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import { isFailure, type Outcome } from '../outcome.ts';
import type { BackendCandidate } from '../selection/select-backend.ts';

/** Returns the priority of the first group that gets regular traffic; infinity if none does. */
export function firstPriorityOf(backends: readonly Backend[]): number {
  const priorities = backends.filter(({ weight }) => weight > 0).map(({ priority }) => priority);
  return Math.min(...priorities);
}

/**
 * Returns why a request has left the first group: the group's answers to this very request count before its backends'
 * states.
 *
 * @param group the first group's backends, with their states for the request
 */
export function spillFrom<B extends Backend>(
  fromPriority: number,
  group: readonly BackendCandidate<B>[],
  attempts: readonly AttemptRecord<B>[],
): Spill {
  const told = attempts.findLast(({ backend }) => backend.priority === fromPriority);
  return { fromPriority, cause: told === undefined ? causeOf(group) : causeOfOutcome(told.outcome) };
}

function causeOfOutcome(outcome: Outcome): SpillCause {
  if (outcome.kind === 'throttled') return 'throttled';
  return isFailure(outcome) ? 'failing' : 'declined';
}

/** Of several causes, the one that matters most to whoever has to act on it. */
function causeOf(group: readonly BackendCandidate[]): SpillCause {
  const states = group.map(({ availability }) => availability);
  if (states.includes('throttled')) return 'throttled';
  if (states.includes('full')) return 'full';
  if (group.some(({ isSpilling }) => isSpilling)) return 'utilization';
  if (states.includes('cooling') || states.includes('probing')) return 'failing';
  // It could serve, and perhaps is already trying to.
  return states.includes('available') ? 'slow' : 'draining';
}
