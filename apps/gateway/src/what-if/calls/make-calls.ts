import type { PriorityClass } from '@spillway/core';
import { type Call, median } from '@spillway/simulation';
import type { LoggedRequest } from '../log/logged-request.ts';

/** A logged request in the form in which it is replayed. */
export interface ReplayCall extends Call {
  /** Since the first request. */
  readonly atMs: number;
  readonly deployment: string;
  readonly priorityClass: PriorityClass | undefined;
  /** Whether its tokens are known; if not, it counts only as a request. */
  readonly hasEstimate: boolean;
  readonly requestBytes: number;
}

/** Used where no served request of a deployment shows how long one takes. */
const UNKNOWN_HEAD_MS = 1000;

/**
 * Returns the calls of logged requests. An unserved one gets its deployment's median duration.
 *
 * @param outputShare the share of the longest allowed answer, for answers whose length the log does not have
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

/** Returns the logged answers' share of the longest allowed answer; 1, the worst, if no line has it. */
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
