import type { Backend } from '../backend.ts';
import type { Outcome } from '../outcome.ts';
import { BackendPool } from '../pool/backend-pool.ts';
import type { PoolOptions } from '../pool/pool-options.ts';
import type { RoutingRequest } from '../routing-request.ts';
import { headerLookup, type Headers } from './make-answer.ts';
import { seededRandom } from './make-random.ts';

/** Returns a pool that regards headroom, except for these overrides. */
export function makeHeadroomPool<B extends Backend>(
  backends: readonly B[],
  options: Partial<PoolOptions> = {},
): BackendPool<B> {
  return new BackendPool(backends, {
    strategy: 'most-headroom',
    cooldown: { defaultMs: 10_000, floorMs: 100, ceilingMs: 300_000 },
    random: seededRandom(1),
    ...options,
  });
}

/** Returns a request for deployment `x` that needs this many tokens. */
export function requestFor(tokens: number, different: Partial<RoutingRequest> = {}): RoutingRequest {
  return { deployment: 'x', estimate: { promptTokens: 0, outputTokens: tokens }, ...different };
}

/** Returns the name of the backend that the pool selects for a first attempt. */
export function selectedName(pool: BackendPool, routing: RoutingRequest, nowMs: number): string | undefined {
  const selection = pool.select(routing, () => false, nowMs);
  return selection.kind === 'selected' ? selection.backend.name : undefined;
}

/** Makes one attempt that is answered at once. */
export function attempt<B extends Backend>(
  pool: BackendPool<B>,
  backend: B,
  { deployment, estimate }: RoutingRequest,
  nowMs: number,
  {
    outcome = { kind: 'succeeded', status: 200 },
    headers = {},
  }: { outcome?: Outcome; headers?: Headers } = {},
): void {
  const lease = pool.lease(backend, deployment, nowMs, { estimate });
  pool.settle(lease, outcome, nowMs, headerLookup(headers));
  lease.release();
}
