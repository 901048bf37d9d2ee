import type { BackendReport, DeploymentSnapshot, Headroom } from '@spillway/core';

/** How a backend stands, for operators and for balancers in front. Absent is what is not known. */
export interface BackendDescription extends StateDescription {
  readonly name: string;
  readonly priority: number;
  /** Attempts under way, streams included. */
  readonly inFlight: number;
  /** Those that it is known to have. */
  readonly deployments: readonly DeploymentDescription[];
}

/** How a deployment stands, by its name at the backend. */
interface DeploymentDescription extends StateDescription {
  readonly deployment: string;
  /** What it has declined to do while another backend did it, and for how long it is spared that. */
  readonly declined?: readonly { readonly operation: string; readonly recoversInMs: number }[] | undefined;
  readonly headroom: Headroom;
}

interface StateDescription {
  /** `full`: in good health, but nothing is left of its quota. */
  readonly availability: DeploymentSnapshot['availability'];
  /** Until its cooldown ends, or it has room again. */
  readonly recoversInMs?: number | undefined;
}

/** Describes how every backend and each of its deployments stand. */
export function describeBackends(reports: readonly BackendReport[], nowMs: number): BackendDescription[] {
  return reports.map(({ asWhole, deployments }) => ({
    name: asWhole.backend.name,
    priority: asWhole.backend.priority,
    inFlight: asWhole.inFlight,
    ...describeState(asWhole, nowMs),
    deployments: deployments.map(({ deployment, state, headroom }) => ({
      deployment,
      ...describeState(state, nowMs),
      declined: describeDeclined(state, nowMs),
      headroom: rounded(headroom),
    })),
  }));
}

function describeState({ availability, recoversAtMs }: DeploymentSnapshot, nowMs: number): StateDescription {
  return {
    availability,
    recoversInMs: recoversAtMs > nowMs ? Math.ceil(recoversAtMs - nowMs) : undefined,
  };
}

function describeDeclined(
  { declined }: DeploymentSnapshot,
  nowMs: number,
): DeploymentDescription['declined'] {
  if (declined.length === 0) return undefined;
  return declined.map(({ operation, untilMs }) => ({ operation, recoversInMs: Math.ceil(untilMs - nowMs) }));
}

/** What others use is an estimate, and comes in fractions. */
function rounded(headroom: Headroom): Headroom {
  return {
    ...headroom,
    share: thousandths(headroom.share),
    utilization: thousandths(headroom.utilization),
    remainingTokens: whole(headroom.remainingTokens),
    remainingRequests: whole(headroom.remainingRequests),
  };
}

function thousandths(share: number | undefined): number | undefined {
  return share === undefined ? undefined : Math.round(share * 1000) / 1000;
}

function whole(number: number | undefined): number | undefined {
  return number === undefined ? undefined : Math.floor(number);
}
