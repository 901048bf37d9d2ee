import type { LoggedRequest } from './logged-request.ts';

/**
 * Returns each request once: logs that were copied twice overlap, and log shippers may deliver a line again.
 *
 * @param requests in the order of their arrival
 */
export function withoutRepeated(requests: readonly LoggedRequest[]): LoggedRequest[] {
  let arrivedMs: number | undefined;
  // Only of requests of the same millisecond: a log may have millions.
  const ids = new Set<string>();
  return requests.filter((request) => {
    if (request.arrivedMs !== arrivedMs) ids.clear();
    arrivedMs = request.arrivedMs;
    const { id } = request;
    if (id === undefined) return true;
    const isRepeated = ids.has(id);
    ids.add(id);
    return !isRepeated;
  });
}
