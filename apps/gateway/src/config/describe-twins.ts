import type { ConfigProblem } from './config-error.ts';
import type { BackendConfig } from './schema.ts';

/** Returns a problem for each backend that is the same resource as an earlier one, for the same deployments. */
export function describeTwins(
  backends: readonly BackendConfig[],
  locate: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] {
  const seen = new Map<string, number>();
  return backends.flatMap((backend, index) => {
    const identity = identityOf(backend);
    const first = seen.get(identity);
    if (first === undefined) {
      seen.set(identity, index);
      return [];
    }
    return {
      key: locate(['backends', index, 'url']),
      found: `the endpoint and the deployments of ${locate(['backends', first, 'url'])}`,
      allowed: 'each once: they share one quota, which would be counted twice',
    };
  });
}

function identityOf({ url, deployment, deployments = {}, quotaGroup }: BackendConfig): string {
  const { origin, pathname } = new URL(url);
  const names = Object.entries(deployments).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([origin, pathname.replace(/\/+$/, ''), deployment, names, quotaGroup]);
}
