import type { StateSnapshot } from '../admin-types.ts';

/**
 * Rates cover ten seconds, so for that long they tell of what is over already. What has not happened for this long is
 * told in the past tense.
 */
const QUIET_MS = 2000;

/** Returns since when no client has been hurt any more, where some were in the last seconds; undefined otherwise. */
export function unhurtForMs({ totals: { hurtAgoMs } }: Pick<StateSnapshot, 'totals'>): number | undefined {
  return endedForMs(hurtAgoMs);
}

/** Returns since when nothing has spilled to any of these groups, where something did; undefined otherwise. */
export function unspilledForMs(groups: StateSnapshot['groups']): number | undefined {
  const spilled = groups.filter(({ spilledIn }) => spilledIn.length > 0);
  // Earlier gateways do not tell.
  return spilled.length === 0
    ? undefined
    : endedForMs(Math.min(...spilled.map(({ spilledAgoMs = 0 }) => spilledAgoMs)));
}

function endedForMs(agoMs: number | undefined): number | undefined {
  return agoMs === undefined || agoMs < QUIET_MS ? undefined : agoMs;
}
