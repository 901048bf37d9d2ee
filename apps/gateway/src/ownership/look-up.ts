import {
  type AttemptRecord,
  type Backend,
  type BackendPool,
  type FailoverRequest,
  runFailover,
  type Transport,
  type Verdict,
} from '@spillway/core';

/**
 * Asks one backend after another for an object that any of them may have. Those that do not have it are no hope for the
 * client, so when it must wait, it is for the others.
 */
export async function lookUp<B extends Backend, Body>(
  pool: BackendPool<B>,
  request: FailoverRequest,
  transport: Transport<B, Body>,
  nowMs: () => number,
): Promise<Verdict<B, Body>> {
  const verdict = await runFailover(pool, { ...request, isLookup: true }, transport, nowMs);
  if (verdict.kind !== 'exhausted' || verdict.cause !== 'throttled') return verdict;
  return { ...verdict, recoveryMs: recoveryMs(pool, request.deployment, verdict.attempts, nowMs()) };
}

function recoveryMs<B extends Backend>(
  pool: BackendPool<B>,
  deployment: string,
  attempts: readonly AttemptRecord<B>[],
  nowMs: number,
): number {
  const without = attempts
    .filter(({ outcome }) => outcome.kind === 'not-found')
    .map(({ backend }) => backend);
  const hopes = pool.standings(deployment, nowMs).filter(({ backend }) => !without.includes(backend));
  return Math.max(0, Math.min(...hopes.map(({ recoversAtMs }) => recoversAtMs - nowMs)));
}
