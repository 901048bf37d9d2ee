import type { BackendReport, Headroom, Standing } from '@spillway/core';

/** How a backend stands, for operators and for balancers in front. Absent is what is not known. */
export interface BackendDescription extends StandingDescription {
  readonly name: string;
  readonly priority: number;
  /** Attempts under way, streams included. */
  readonly inFlight: number;
  /** Those that it is known to have. */
  readonly deployments: readonly DeploymentDescription[];
}

/** How a deployment stands, by its name at the backend. */
interface DeploymentDescription extends StandingDescription {
  readonly deployment: string;
  readonly headroom: Headroom;
}

interface StandingDescription {
  /** `full`: in good health, but nothing is left of its quota. */
  readonly availability: Standing['availability'];
  /** Until it ends its rest, or has room again. */
  readonly recoversInMs?: number | undefined;
}

/** Describes how every backend and each of its deployments stand. */
export function describeBackends(reports: readonly BackendReport[], nowMs: number): BackendDescription[] {
  return reports.map(({ asWhole, deployments }) => ({
    name: asWhole.backend.name,
    priority: asWhole.backend.priority,
    inFlight: asWhole.inFlight,
    ...describeStanding(asWhole, nowMs),
    deployments: deployments.map(({ deployment, standing, headroom }) => ({
      deployment,
      ...describeStanding(standing, nowMs),
      headroom: rounded(headroom),
    })),
  }));
}

function describeStanding({ availability, recoversAtMs }: Standing, nowMs: number): StandingDescription {
  return {
    availability,
    recoversInMs: recoversAtMs > nowMs ? Math.ceil(recoversAtMs - nowMs) : undefined,
  };
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
