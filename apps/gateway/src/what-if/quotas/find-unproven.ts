import { type Backend, deploymentAt, findDeployment } from '@spillway/core';
import type { LoggedRequest } from '../log/logged-request.ts';

/** A deployment of the log that no backend of a configuration is known to have. */
export interface UnprovenDeployment {
  readonly deployment: string;
  /** The number of requests for it. */
  readonly requests: number;
}

/**
 * Finds the requested deployments that no backend is known to have, the most wanted first: no configuration names them,
 * and no backend has served them in the log. The gateway would pass the name on, and clients may get a 404.
 */
export function findUnproven(
  backends: readonly Backend[],
  requests: readonly LoggedRequest[],
): UnprovenDeployment[] {
  const names = new Set(backends.map(({ name }) => name));
  const wanted = new Map<string, number>();
  const served = new Set<string>();
  for (const { deployment, attempts } of requests) {
    wanted.set(deployment, (wanted.get(deployment) ?? 0) + 1);
    if (attempts.some(({ backend, isServed }) => isServed && names.has(backend))) served.add(deployment);
  }
  return [...wanted]
    .filter(([deployment]) => !served.has(deployment) && !backends.some((one) => isNamed(one, deployment)))
    .map(([deployment, count]) => ({ deployment, requests: count }))
    .sort((one, other) => other.requests - one.requests);
}

function isNamed(backend: Backend, requested: string): boolean {
  const { deployment, deployments, quotas } = backend;
  if (deployment !== undefined) return true;
  if (deployments && findDeployment(deployments, requested) !== undefined) return true;
  return quotas !== undefined && findDeployment(quotas, deploymentAt(backend, requested)) !== undefined;
}
