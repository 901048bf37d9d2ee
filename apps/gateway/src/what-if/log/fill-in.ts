import { checkMemory } from './check-memory.ts';
import type { LoggedRequest } from './logged-request.ts';

/**
 * Adds the requests that a sampled log has left out: copies of the logged ones, spread evenly over the time since the
 * one before, as the gateway leaves them out evenly.
 *
 * @param requests in the order of arrival
 * @throws Error if they would be too many
 */
export function fillIn(requests: readonly LoggedRequest[]): readonly LoggedRequest[] {
  if (requests.every(({ share }) => share === 1)) return requests;
  checkMemory(requests.reduce((sum, { share }) => sum + 1 / share, 0));
  const filled: LoggedRequest[] = [];
  let sinceMs: number | undefined;
  let owed = 0;
  for (const request of requests) {
    const { share, arrivedMs } = request;
    if (share === 1) {
      filled.push(request);
      continue;
    }
    // Nothing is known about the time before the first.
    owed += sinceMs === undefined ? 1 : 1 / share;
    const stepMs = (arrivedMs - (sinceMs ?? arrivedMs)) / Math.floor(owed);
    for (let back = Math.floor(owed) - 1; back >= 0; back--)
      filled.push(back === 0 ? request : { ...request, arrivedMs: arrivedMs - back * stepMs });
    owed %= 1;
    sinceMs = arrivedMs;
  }
  return filled.sort((one, other) => one.arrivedMs - other.arrivedMs);
}
