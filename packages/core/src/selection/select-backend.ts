import type { Backend } from '../backend.ts';
import type { Availability } from '../health/health.ts';
import type { Candidate, Random, Strategy } from './strategy.ts';

/** A backend as a request finds it at one moment. It is live, and valid only until the next question. */
export interface BackendCandidate<B extends Backend = Backend> extends Candidate<B> {
  /**
   * `full`: in good health, but its known quota has no room for the request. `draining`: drained by an operator, and no
   * candidate for requests that another backend can serve.
   */
  readonly availability: Availability | 'full' | 'draining';
  /** When it last failed, ms on the pool's clock; minus infinity if it is not cooling for a failure. */
  readonly failedAtMs: number;
  /**
   * Returns when its cooldown ends, or there will be room, ms on the pool's clock; minus infinity if it serves now.
   *
   * @param atMostMs returned if the moment is later than that, which may be known without computing it
   */
  recoversAtMs(atMostMs?: number): number;
  /** Whether its capacity is paid for already, as provisioned throughput is. */
  readonly isProvisioned: boolean;
  /** Whether so much of that is in use that others are preferred. */
  readonly isSpilling: boolean;
  /** Whether it is cooling for a cause that time does not heal, such as a missing deployment. */
  readonly isWithout: boolean;
  /** Whether nothing was sent for so long that its being full is in doubt. */
  readonly isProbeDue: boolean;
}

/** The next backend to try. */
export interface Selected<B extends Backend> {
  readonly kind: 'selected';
  readonly backend: B;
}

/** The next backend to try, or why there is none. */
export type Selection<B extends Backend = Backend> =
  | Selected<B>
  | {
      readonly kind: 'exhausted';
      /** Whether quota is spent at any backend of the pool. */
      readonly isThrottled: boolean;
      /** Until the first backend ends its cooldown or has room; 0 if one is not cooling down. */
      readonly recoveryMs: number;
    };

/**
 * The behaviour of a request when no backend is available: a patient one would rather wait than go to a recovering
 * backend whose probes are all under way, an optional one is not sent at all; any other takes whatever there is.
 */
export type Manner = 'patient' | 'optional';

/** The inputs of the choice, besides the candidates. */
export interface Choice {
  readonly strategy: Strategy;
  readonly random: Random;
  /** Returns a number shared by requests whose prompts begin alike. */
  readonly affinityKey?: (() => number | undefined) | undefined;
  readonly manner?: Manner | undefined;
}

/**
 * Chooses the next backend: among those not yet tried, the available ones; among these the best group; in that, the
 * strategy's pick.
 *
 * Only spent quota may empty the pool. When nothing is available, a recovering backend takes more than its probes. If
 * there is none either, a backend that seems full is tried if it was left alone for long, as otherwise nothing would
 * show that it is not. The last resort is the backend that failed longest ago, despite its cooldown.
 */
export function selectBackend<B extends Backend>(
  candidates: readonly BackendCandidate<B>[],
  hasBeenTried: ((backend: B) => boolean) | undefined,
  choice: Choice,
  nowMs: number,
): Selection<B> {
  const untried = hasBeenTried ? candidates.filter(({ backend }) => !hasBeenTried(backend)) : candidates;
  const awaitsProbe = choice.manner === 'patient' && untried.some(isProbing);
  const isOptional = choice.manner === 'optional';
  const makesDo = !awaitsProbe && !isOptional;
  const chosen =
    pickFromBestGroup(untried, isOptional ? isWanted : isAvailable, choice) ??
    (makesDo ? makeDo(untried, choice) : undefined);
  if (chosen !== undefined) return { kind: 'selected', backend: chosen.backend };
  const { isThrottled, recoveryMs } = recoveryOf(candidates, nowMs);
  return { kind: 'exhausted', isThrottled: awaitsProbe || isThrottled, recoveryMs };
}

/** Chooses when no backend is available. */
function makeDo<B extends Backend>(
  candidates: readonly BackendCandidate<B>[],
  choice: Choice,
): BackendCandidate<B> | undefined {
  return (
    pickFromBestGroup(candidates, isProbing, choice) ??
    pickFromBestGroup(candidates, isWorthAProbe, choice) ??
    longestFailing(candidates)
  );
}

function isAvailable({ availability }: BackendCandidate): boolean {
  return availability === 'available';
}

function isWanted(candidate: BackendCandidate): boolean {
  return isAvailable(candidate) && candidate.backend.weight > 0;
}

function isWorthAProbe({ availability, isProbeDue }: BackendCandidate): boolean {
  return availability === 'full' && isProbeDue;
}

function isProbing({ availability }: BackendCandidate): boolean {
  return availability === 'probing';
}

function pickFromBestGroup<B extends Backend>(
  candidates: readonly BackendCandidate<B>[],
  isEligible: (candidate: BackendCandidate<B>) => boolean,
  { strategy, random, affinityKey }: Choice,
): BackendCandidate<B> | undefined {
  let group: [BackendCandidate<B>, ...BackendCandidate<B>[]] | undefined;
  for (const candidate of candidates) {
    if (!isEligible(candidate)) continue;
    const difference = group === undefined ? -1 : compareCost(candidate, group[0]);
    if (difference < 0) group = [candidate];
    else if (difference === 0) group?.push(candidate);
  }
  return group && strategy.pick(group, random, affinityKey);
}

/** Below 0 if the quota of `a` is to be used before that of `b`. */
function compareCost(a: BackendCandidate, b: BackendCandidate): number {
  return (
    Number(a.backend.weight === 0) - Number(b.backend.weight === 0) ||
    Number(a.isSpilling) - Number(b.isSpilling) ||
    a.backend.priority - b.backend.priority ||
    Number(b.isProvisioned) - Number(a.isProvisioned)
  );
}

function longestFailing<B extends Backend>(
  candidates: readonly BackendCandidate<B>[],
): BackendCandidate<B> | undefined {
  let longest: BackendCandidate<B> | undefined;
  for (const candidate of candidates) {
    if (candidate.availability !== 'cooling') continue;
    if (longest === undefined || candidate.failedAtMs < longest.failedAtMs) longest = candidate;
  }
  return longest;
}

/** Backends that will not serve the request even after recovery offer no hope, unless there is no other. */
function hopesOf(candidates: readonly BackendCandidate[]): readonly BackendCandidate[] {
  const hopes = candidates.filter(({ isWithout }) => !isWithout);
  return hopes.length === 0 ? candidates : hopes;
}

function soonestOf(candidates: readonly BackendCandidate[]): number {
  let soonestMs = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) soonestMs = candidate.recoversAtMs(soonestMs);
  return soonestMs;
}

/** Returns whether quota is all that is missing, and until when none of these serves. */
export function recoveryOf(candidates: readonly BackendCandidate[], nowMs: number) {
  const hopes = hopesOf(candidates);
  return {
    isThrottled: hopes.some(({ availability }) => availability === 'throttled' || availability === 'full'),
    recoveryMs: hopes.length === 0 ? 0 : Math.max(0, soonestOf(hopes) - nowMs),
  };
}
