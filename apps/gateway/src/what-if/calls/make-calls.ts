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

/** What answers use, from 0 to 1, for those whose usage the log does not have. */
export interface UsualUse {
  /** Of the longest allowed answer. */
  readonly outputShare: number;
  /** The cached part of the prompt. */
  readonly cachedShare: number;
}

/** Returns the calls of logged requests. An unserved one gets its deployment's median duration. */
export function makeCalls(
  requests: readonly LoggedRequest[],
  { outputShare, cachedShare }: UsualUse,
): ReplayCall[] {
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
      cachedTokens: Math.min(promptTokens, request.cachedTokens ?? Math.round(promptTokens * cachedShare)),
      headMs: request.headMs ?? times?.headMs ?? UNKNOWN_HEAD_MS,
      bodyMs: request.bodyMs ?? times?.bodyMs ?? 0,
    };
  });
}

/** Returns what the logged answers used, all together; if no line has it, the worst: all of the answer, and no cache. */
export function findUsualUse(requests: readonly LoggedRequest[]): UsualUse {
  const output: Sum = { used: 0, of: 0 };
  const cached: Sum = { used: 0, of: 0 };
  for (const { outputTokens, cachedTokens, estimate } of requests) {
    if (estimate === undefined) continue;
    if (outputTokens !== undefined) add(output, outputTokens, estimate.outputTokens);
    if (cachedTokens !== undefined) add(cached, cachedTokens, estimate.promptTokens);
  }
  return { outputShare: shareOf(output) ?? 1, cachedShare: shareOf(cached) ?? 0 };
}

interface Sum {
  used: number;
  of: number;
}

function add(sum: Sum, used: number, of: number): void {
  sum.used += used;
  sum.of += of;
}

function shareOf({ used, of }: Sum): number | undefined {
  return of === 0 ? undefined : Math.min(1, used / of);
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
