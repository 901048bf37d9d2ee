import type { AttemptRecord } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import { isForClient } from '../outcome.ts';
import type { BackendPool } from '../pool/backend-pool.ts';
import type { Lease } from '../pool/lease.ts';
import type { FailoverRequest } from './decide-next-step.ts';

/** A request that a backend has served. */
interface Done<B extends Backend> {
  readonly pool: BackendPool<B>;
  readonly request: FailoverRequest;
  readonly attempts: readonly AttemptRecord<B>[];
  readonly nowMs: () => number;
}

/**
 * Notes that a backend has served a request: those that declined it are to blame. A lookup shows nothing of the kind, as
 * one backend alone has the object.
 */
export function noteDone<B extends Backend>(
  { pool, request, attempts, nowMs }: Done<B>,
  lease: Lease<B>,
): void {
  lease.excuse(request);
  if (request.isLookup || attempts.length === 1) return;
  for (const { backend, outcome } of attempts)
    if (outcome.kind === 'declined') pool.blame(backend, outcome.cause, request, nowMs());
}

/** Returns when the other backends recover: one that said it cannot serve the request is not worth waiting for. */
export function recoveryOfOthers<B extends Backend>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  attempts: readonly AttemptRecord<B>[],
  selection: ReturnType<BackendPool<B>['recoveryAmong']>,
  nowMs: number,
) {
  const without = attempts.filter(({ outcome }) => isForClient(outcome)).map(({ backend }) => backend.name);
  if (without.length === 0) return selection;
  const isHope = (backend: B) => !without.includes(backend.name);
  if (!pool.backends.some(isHope)) return { ...selection, isThrottled: false };
  return pool.recoveryAmong(request, isHope, nowMs);
}
