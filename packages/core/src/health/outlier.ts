import { failureShare, type FailureRecord, type Tally } from './failure-record.ts';

/** When failures that healthy backends also have now and then justify a cooldown. */
export interface OutlierBounds {
  /** How far the share of successful attempts has to fall short of the peers’, as a share of theirs. */
  readonly share: number;
  /** This many failures in a row are no accident where hardly anything fails. */
  readonly consecutiveFailures: number;
}

/** With fewer successes remembered, only the failures are known. */
const MIN_KNOWN = 0.5;
/** A share of failures this small counts as none. */
const USUAL = 0.001;

/**
 * Returns whether a failure that was just recorded calls for a cooldown, because requests fare better with the peers.
 * It never does with no peer left in rotation.
 *
 * @param peers how the other backends have served the same deployment
 * @param startedMs when the attempt began that failed
 */
export function isOutlier(
  record: FailureRecord,
  peers: readonly FailureRecord[],
  bounds: OutlierBounds,
  startedMs: number,
  nowMs: number,
): boolean {
  if (record.isOfCooldown(startedMs)) return true;
  const refuges = peers.filter((peer) => peer.isInRotation(nowMs));
  if (refuges.length === 0) return false;

  const own = record.recall(nowMs);
  // A request that fails wherever it is sent must not take out one idle backend after the other.
  if (own.successes < MIN_KNOWN && !peers.some((peer) => peer.isFailing(nowMs))) return true;
  return (
    fallsShort(own, refuges, bounds, nowMs) ||
    isNoAccident(record.failuresInARow, own, refuges, bounds, nowMs)
  );
}

/** Whether requests succeed much less often here than with the peers that would get them instead, all together. */
function fallsShort(
  own: Tally,
  refuges: readonly FailureRecord[],
  { share }: OutlierBounds,
  nowMs: number,
): boolean {
  const all = { successes: 0, failures: 0 };
  for (const refuge of refuges) {
    const { successes, failures } = refuge.recall(nowMs);
    all.successes += successes;
    all.failures += failures;
  }
  return 1 - failureShare(own) < (1 - share) * (1 - failureShare(all));
}

/**
 * Whether this many failures in a row are as unlikely as `consecutiveFailures` of them where hardly anything fails. The
 * more this backend failed before, or the best of the others does, the longer a row must be: where one request in ten
 * fails, every thousandth begins a row of three.
 */
function isNoAccident(
  failuresInARow: number,
  own: Tally,
  refuges: readonly FailureRecord[],
  { consecutiveFailures }: OutlierBounds,
  nowMs: number,
): boolean {
  if (failuresInARow < consecutiveFailures) return false;
  const before = { ...own, failures: Math.max(0, own.failures - failuresInARow) };
  const best = Math.min(...refuges.map((refuge) => refuge.chanceOfFailure(nowMs)));
  const chance = Math.max(USUAL, failureShare(before), best);
  return failuresInARow * Math.log(chance) <= consecutiveFailures * Math.log(USUAL);
}
