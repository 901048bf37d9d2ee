import type { Backend } from '../backend.ts';
import type { Availability } from '../health/health.ts';
import type { Candidate, Random, Strategy } from './strategy.ts';

/** How a backend stands for one deployment at one moment. */
export interface Standing<B extends Backend = Backend> extends Candidate<B> {
  /** `full`: in good health, but by what is known of its quota without room for the request. */
  readonly availability: Availability | 'full';
  /** When it last failed, ms on the pool's clock; minus infinity if it is not resting for a failure. */
  readonly failedAtMs: number;
  /** When its present rest ends, or there will be room, ms on the pool's clock; minus infinity if it serves now. */
  readonly recoversAtMs: number;
  /** Returns `recoversAtMs`, or a given moment if that is sooner, which takes less to say. */
  recoversBefore(atMostMs: number): number;
  /** Whether what it serves is paid for already, as provisioned throughput is. */
  readonly isProvisioned: boolean;
  /** Whether so much of that is in use that others are preferred. */
  readonly isSpilling: boolean;
  /** Whether the last few requests to it have failed, and none has succeeded since. */
  readonly isFailing: boolean;
  /** Whether nothing was sent for so long that it may be doubted that it is full. */
  readonly isProbeDue: boolean;
}

/** The next backend to try, or why there is none. */
export type Selection<B extends Backend = Backend> =
  | { readonly kind: 'selected'; readonly backend: B }
  | {
      readonly kind: 'exhausted';
      /** Whether quota is spent at any backend of the pool. */
      readonly isThrottled: boolean;
      /** Until the first backend ends its rest or has room; 0 if one does not rest. */
      readonly recoveryMs: number;
    };

/**
 * What a request does when no backend is available: a patient one rather waits than goes to a recovering backend whose probes
 * are out, and one that is optional is not sent at all; any other makes do with what there is.
 */
export type Manner = 'patient' | 'optional';

/** What a backend is chosen by, besides how each stands. */
export interface Choice {
  readonly strategy: Strategy;
  readonly random: Random;
  /** Returns a number that requests share whose prompts begin alike. */
  readonly affinityKey?: (() => number | undefined) | undefined;
  readonly manner?: Manner | undefined;
}

/**
 * Chooses the next backend: of those not yet tried, the available ones, of these the best group, of that whichever the
 * strategy picks.
 *
 * Only spent quota may empty the pool. When nothing is available, a recovering backend takes more than its probes; when
 * there is none either, one that seems full is tried if it was left alone for long, as otherwise nobody would hear that
 * it is not; and then the one that failed longest ago, although it rests.
 */
export function selectBackend<B extends Backend>(
  standings: readonly Standing<B>[],
  hasBeenTried: ((backend: B) => boolean) | undefined,
  choice: Choice,
  nowMs: number,
): Selection<B> {
  const untried = hasBeenTried ? standings.filter(({ backend }) => !hasBeenTried(backend)) : standings;
  const isProbing = choice.manner === 'patient' && untried.some(isSaturated);
  const makesDo = !isProbing && choice.manner !== 'optional';
  const chosen =
    pickFromBestGroup(untried, isAvailable, choice) ?? (makesDo ? makeDo(untried, choice) : undefined);
  return chosen === undefined
    ? exhausted(standings, isProbing, nowMs)
    : { kind: 'selected', backend: chosen.backend };
}

/** Chooses among those of which none is available. */
function makeDo<B extends Backend>(
  standings: readonly Standing<B>[],
  choice: Choice,
): Standing<B> | undefined {
  return (
    pickFromBestGroup(standings, isSaturated, choice) ??
    pickFromBestGroup(standings, isWorthAProbe, choice) ??
    longestFailing(standings)
  );
}

function isAvailable({ availability }: Standing): boolean {
  return availability === 'available';
}

function isWorthAProbe({ availability, isProbeDue }: Standing): boolean {
  return availability === 'full' && isProbeDue;
}

function isSaturated({ availability }: Standing): boolean {
  return availability === 'saturated';
}

function pickFromBestGroup<B extends Backend>(
  standings: readonly Standing<B>[],
  isEligible: (standing: Standing<B>) => boolean,
  { strategy, random, affinityKey }: Choice,
): Standing<B> | undefined {
  let group: [Standing<B>, ...Standing<B>[]] | undefined;
  for (const standing of standings) {
    if (!isEligible(standing)) continue;
    const difference = group === undefined ? -1 : compareCost(standing, group[0]);
    if (difference < 0) group = [standing];
    else if (difference === 0) group?.push(standing);
  }
  return group && strategy.pick(group, random, affinityKey);
}

/** Below 0 if `a` is to be spent before `b`. */
function compareCost(a: Standing, b: Standing): number {
  return (
    Number(a.isSpilling) - Number(b.isSpilling) ||
    a.backend.priority - b.backend.priority ||
    Number(b.isProvisioned) - Number(a.isProvisioned)
  );
}

function longestFailing<B extends Backend>(standings: readonly Standing<B>[]): Standing<B> | undefined {
  let longest: Standing<B> | undefined;
  for (const standing of standings) {
    if (standing.availability !== 'failing') continue;
    if (longest === undefined || standing.failedAtMs < longest.failedAtMs) longest = standing;
  }
  return longest;
}

function soonestOf(standings: readonly Standing[]): number {
  let soonestMs = Number.POSITIVE_INFINITY;
  for (const standing of standings) soonestMs = standing.recoversBefore(soonestMs);
  return soonestMs;
}

function exhausted(standings: readonly Standing[], isProbing: boolean, nowMs: number): Selection<never> {
  const soonestMs = standings.length === 0 ? nowMs : soonestOf(standings);
  return {
    kind: 'exhausted',
    isThrottled:
      isProbing ||
      standings.some(({ availability }) => availability === 'throttled' || availability === 'full'),
    recoveryMs: Math.max(0, soonestMs - nowMs),
  };
}
