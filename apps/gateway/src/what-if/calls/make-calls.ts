import type { PriorityClass } from '@spillway/core';
import { type Call, median } from '@spillway/simulation';
import type { LoggedRequest } from '../log/logged-request.ts';

/** A logged request as it is asked again. */
export interface ReplayCall extends Call {
  /** Since the first one. */
  readonly atMs: number;
  readonly deployment: string;
  readonly priorityClass: PriorityClass | undefined;
  /** Whether its tokens are known; else it counts as a request alone. */
  readonly hasEstimate: boolean;
  readonly requestBytes: number;
}

/** Where no request of a deployment was served that could say how long one takes. */
const UNKNOWN_HEAD_MS = 1000;

/**
 * Returns the calls of logged requests. One that was not served takes as long as is usual (the median) for its deployment.
 *
 * @param outputShare the share of the longest answer allowed that answers have of which the log does not say it
 */
export function makeCalls(requests: readonly LoggedRequest[], outputShare: number): ReplayCall[] {
  const startMs = requests[0]?.arrivedMs ?? 0;
  const usual = usualTimes(requests);
  return requests.map((request) => {
    const { promptTokens = 0, outputTokens: maxTokens = 0 } = request.estimate ?? {};
    const times = usual.get(request.deployment);
    return {
      replica: 0,
      atMs: request.arrivedMs - startMs,
      deployment: request.deployment,
      priorityClass: request.priorityClass,
      hasEstimate: request.estimate !== undefined,
      requestBytes: request.requestBytes,
      promptTokens,
      estimatedTokens: promptTokens,
      maxTokens,
      outputTokens: Math.min(maxTokens, request.outputTokens ?? Math.round(maxTokens * outputShare)),
      headMs: request.headMs ?? times?.headMs ?? UNKNOWN_HEAD_MS,
      bodyMs: request.bodyMs ?? times?.bodyMs ?? 0,
    };
  });
}

/** Returns the share of the longest answer allowed that the logged answers have; 1, the worst, if none says it. */
export function findOutputShare(requests: readonly LoggedRequest[]): number {
  const telling = requests.filter(({ outputTokens, estimate }) => outputTokens !== undefined && estimate);
  const allowed = telling.reduce((sum, { estimate }) => sum + (estimate?.outputTokens ?? 0), 0);
  const taken = telling.reduce((sum, { outputTokens = 0 }) => sum + outputTokens, 0);
  return allowed === 0 ? 1 : Math.min(1, taken / allowed);
}

function usualTimes(requests: readonly LoggedRequest[]) {
  const byDeployment = new Map<string, { heads: number[]; bodies: number[] }>();
  for (const { deployment, headMs, bodyMs } of requests) {
    if (headMs === undefined || bodyMs === undefined) continue;
    const times = byDeployment.get(deployment) ?? { heads: [], bodies: [] };
    byDeployment.set(deployment, times);
    times.heads.push(headMs);
    times.bodies.push(bodyMs);
  }
  return new Map(
    [...byDeployment].map(([name, { heads, bodies }]) => [
      name,
      { headMs: median(heads), bodyMs: median(bodies) },
    ]),
  );
}
