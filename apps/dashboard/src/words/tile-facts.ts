import type { BackendSnapshot, DeploymentNumbers, DeploymentSnapshotState } from '../admin-types.ts';
import { deploymentsOf, standingOf, wordOf } from './states.ts';

/** The numbers of a tile: of one deployment, or of all. */
export interface TileFacts {
  readonly rpm: number;
  readonly tpm: number;
  readonly absorbed429s: number;
  /** The slowest of its deployments' medians and 95th percentiles, in ms. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly meter: Meter | undefined;
}

/** The used part of a quota. */
export interface Meter {
  readonly unit: 'tokens/min' | 'requests' | 'PTU';
  readonly used: number;
  readonly limit: number;
  /** Used by others than this gateway, as far as the backend's own numbers show. */
  readonly others: number;
}

/** From this share on a quota is nearly used up. */
export const HIGH_SHARE = 0.9;
/** Others' usage is an estimate: a small difference means nothing. */
const MIN_OTHERS_SHARE = 0.05;

export function factsOf(backend: BackendSnapshot, deployment: string | undefined): TileFacts {
  const deployments = numbersOf(backend, deployment);
  const sum = (pick: (one: (typeof deployments)[number]) => number) =>
    deployments.reduce((total, one) => total + pick(one), 0);
  return {
    rpm: sum(({ rpm }) => rpm),
    tpm: sum(({ tpm }) => tpm),
    absorbed429s: sum(({ absorbed429s }) => absorbed429s),
    p50Ms: slowest(deployments.map(({ p50Ms }) => p50Ms)),
    p95Ms: slowest(deployments.map(({ p95Ms }) => p95Ms)),
    meter: meterOf(deployments),
  };
}

function numbersOf(backend: BackendSnapshot, deployment: string | undefined): readonly DeploymentNumbers[] {
  const shown = deploymentsOf(backend, deployment);
  const { notShown } = backend;
  return deployment === undefined && notShown !== undefined ? [...shown, notShown] : shown;
}

/** A quota that several of them share counts once. */
function withQuotasOnce(
  deployments: readonly (DeploymentNumbers & Pick<DeploymentSnapshotState, 'quotaGroup'>)[],
): readonly DeploymentNumbers[] {
  return deployments.filter(
    ({ quotaGroup }, place) =>
      quotaGroup === undefined || deployments.findIndex((one) => one.quotaGroup === quotaGroup) === place,
  );
}

function slowest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * Returns the meter of the known quota: of provisioned throughput, or else of tokens, unless they are not limited or
 * requests are nearly used up first.
 */
function meterOf(deployments: readonly DeploymentNumbers[]): Meter | undefined {
  let tokens = { used: 0, limit: 0, others: 0 };
  let requests = { used: 0, limit: 0 };
  let utilization: number | undefined;
  for (const one of withQuotasOnce(deployments)) {
    if (one.limitTokens !== undefined && one.remainingTokens !== undefined)
      tokens = {
        used: tokens.used + Math.max(0, one.limitTokens - one.remainingTokens),
        limit: tokens.limit + one.limitTokens,
        others: tokens.others + (one.othersTokens ?? 0),
      };
    if (one.limitRequests !== undefined && one.remainingRequests !== undefined)
      requests = {
        used: requests.used + Math.max(0, one.limitRequests - one.remainingRequests),
        limit: requests.limit + one.limitRequests,
      };
    if (one.utilization !== undefined) utilization = Math.max(utilization ?? 0, one.utilization);
  }
  if (utilization !== undefined) return { unit: 'PTU', used: utilization, limit: 1, others: 0 };
  const requestsShare = requests.limit > 0 ? requests.used / requests.limit : 0;
  const areRequestsScarcer = requestsShare >= HIGH_SHARE && requestsShare > tokens.used / tokens.limit;
  if (tokens.limit > 0 && !areRequestsScarcer) {
    const { used, limit } = tokens;
    const others = Math.min(used, tokens.others);
    return { unit: 'tokens/min', used, limit, others: others > limit * MIN_OTHERS_SHARE ? others : 0 };
  }
  return requests.limit > 0 ? { unit: 'requests', ...requests, others: 0 } : undefined;
}

/** Returns whether a tile is shown: its name or state, or that of one of its deployments, contains the text. */
export function matchesFilter(backend: BackendSnapshot, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const { state } = standingOf(backend, undefined);
  const shown = [backend.name, state, wordOf(state)];
  for (const one of backend.deployments) shown.push(one.name, one.state, wordOf(one.state));
  return shown.some((word) => word.toLowerCase().includes(wanted));
}
