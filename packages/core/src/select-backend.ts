import type { Backend } from './backend.ts';
import type { Availability } from './health.ts';
import type { Random } from './random.ts';
import type { Candidate, Strategy } from './selection/strategy.ts';

/** How a backend stands for one deployment at one moment. */
export interface Standing<B extends Backend = Backend> extends Candidate<B> {
  readonly availability: Availability;
  /** When it last failed, ms on the pool's clock; minus infinity if it is not resting for a failure. */
  readonly failedAtMs: number;
  /** When its present rest ends, ms on the pool's clock; minus infinity if it has none. */
  readonly recoversAtMs: number;
}

/** The next backend to try, or why there is none. */
export type Selection<B extends Backend = Backend> =
  | { readonly kind: 'selected'; readonly backend: B }
  | {
      readonly kind: 'exhausted';
      /** Whether any backend of the pool is resting for spent quota. */
      readonly isThrottled: boolean;
      /** Until the first backend ends its rest; 0 if one does not rest. */
      readonly recoveryMs: number;
    };

/**
 * Chooses the next backend: of those not yet tried, the available ones, of these the lowest priority group, of that
 * whichever the strategy picks.
 *
 * Only throttling may empty the pool. When nothing is available, a recovering backend takes more than its probes, and
 * when there is none either, the one that failed longest ago is tried although it rests.
 */
export function selectBackend<B extends Backend>(
  standings: readonly Standing<B>[],
  hasBeenTried: (backend: B) => boolean,
  strategy: Strategy,
  random: Random,
  nowMs: number,
): Selection<B> {
  const untried = standings.filter(({ backend }) => !hasBeenTried(backend));
  const chosen =
    pickFromBestGroup(untried, 'available', strategy, random) ??
    pickFromBestGroup(untried, 'saturated', strategy, random) ??
    longestFailing(untried);
  return chosen === undefined ? exhausted(standings, nowMs) : { kind: 'selected', backend: chosen.backend };
}

function pickFromBestGroup<B extends Backend>(
  standings: readonly Standing<B>[],
  availability: Availability,
  strategy: Strategy,
  random: Random,
): Standing<B> | undefined {
  let group: [Standing<B>, ...Standing<B>[]] | undefined;
  for (const standing of standings) {
    if (standing.availability !== availability) continue;
    const difference = group === undefined ? -1 : standing.backend.priority - group[0].backend.priority;
    if (difference < 0) group = [standing];
    else if (difference === 0) group?.push(standing);
  }
  return group && strategy(group, random);
}

function longestFailing<B extends Backend>(standings: readonly Standing<B>[]): Standing<B> | undefined {
  let longest: Standing<B> | undefined;
  for (const standing of standings) {
    if (standing.availability !== 'failing') continue;
    if (longest === undefined || standing.failedAtMs < longest.failedAtMs) longest = standing;
  }
  return longest;
}

function exhausted(standings: readonly Standing[], nowMs: number): Selection<never> {
  const soonestMs =
    standings.length === 0 ? nowMs : Math.min(...standings.map(({ recoversAtMs }) => recoversAtMs));
  return {
    kind: 'exhausted',
    isThrottled: standings.some(({ availability }) => availability === 'throttled'),
    recoveryMs: Math.max(0, soonestMs - nowMs),
  };
}
