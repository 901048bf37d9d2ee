import {
  type Backend,
  type BackendReport,
  deploymentKey,
  type DeploymentSnapshot,
  quotaAt,
} from '@spillway/core';
import { describeOutcome } from '../telemetry/live/failover-log.ts';
import type { LiveTraffic } from '../telemetry/live/live-traffic.ts';
import { rounded } from './rounded.ts';
import { shorten } from './shorten.ts';
import type { DeploymentSnapshotState, Standing, StateWord } from './snapshot.ts';

/** Returns the deployments that a backend is known to have, those first that are to be shown. */
export function describeDeployments(
  { asWhole: { backend }, deployments }: BackendReport,
  traffic: LiveTraffic,
  nowMs: number,
): DeploymentSnapshotState[] {
  return deployments
    .filter(({ deployment }) => deployment !== '')
    .map((deployment) => describeDeployment(backend, deployment, traffic, nowMs))
    .sort((a, b) => rankOf(a) - rankOf(b) || b.rpm - a.rpm || (a.name < b.name ? -1 : 1));
}

const MAX_NAMES = 8;

const RANKS: Readonly<Record<StateWord, number>> = {
  draining: 0,
  cooling: 1,
  throttled: 1,
  full: 1,
  probing: 2,
  available: 2,
};

/**
 * A deployment that takes no requests has soon no traffic any more, but an operator has to see it: to take it in again,
 * or to know what is wrong.
 */
function rankOf({ state }: Standing): number {
  return RANKS[state];
}

function describeDeployment(
  backend: Backend,
  { deployment, state, headroom }: BackendReport['deployments'][number],
  traffic: LiveTraffic,
  nowMs: number,
): DeploymentSnapshotState {
  return {
    name: shorten(deployment),
    requestedAs: requestedAs(backend, deployment),
    ...standingOf(state, nowMs),
    ...trafficOf(backend.name, deployment, traffic, nowMs),
    limitTokens: headroom.limitTokens,
    remainingTokens: floored(headroom.remainingTokens),
    othersTokens: floored(headroom.othersTokens) || undefined,
    limitRequests: headroom.limitRequests,
    remainingRequests: floored(headroom.remainingRequests),
    utilization: rounded(headroom.utilization, 1000),
    quotaGroup: quotaAt(backend, deployment)?.quotaGroup,
  };
}

function requestedAs({ deployments }: Backend, deployment: string): string[] | undefined {
  if (deployments === undefined) return undefined;
  const key = deploymentKey(deployment);
  const others = [...deployments].filter(
    ([requested, name]) => deploymentKey(name) === key && deploymentKey(requested) !== key,
  );
  return others.length === 0
    ? undefined
    : others.slice(0, MAX_NAMES).map(([requested]) => shorten(requested));
}

/** Returns what a deployment has served in the last minute. */
export function trafficOf(backend: string, deployment: string, traffic: LiveTraffic, nowMs: number) {
  const rates = traffic.ratesOf(backend, deployment, nowMs);
  return {
    rpm: rates?.requestsPerMinute ?? 0,
    tpm: rates?.tokensPerMinute ?? 0,
    absorbed429s: rates?.absorbed429sPerMinute ?? 0,
    p50Ms: rounded(rates?.p50Ms, 1),
    p95Ms: rounded(rates?.p95Ms, 1),
  };
}

/** Returns a state, as a snapshot tells it. */
export function standingOf(
  { availability, coolsDownFor, recoversAtMs }: DeploymentSnapshot,
  nowMs: number,
): Standing {
  const isFinite = recoversAtMs > nowMs && recoversAtMs < Number.POSITIVE_INFINITY;
  return {
    state: availability,
    why: coolsDownFor && describeOutcome(coolsDownFor),
    recoversInMs: isFinite ? Math.ceil(recoversAtMs - nowMs) : undefined,
  };
}

/** The use by others is an estimate, and comes in fractions. */
function floored(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.max(0, Math.floor(value));
}
