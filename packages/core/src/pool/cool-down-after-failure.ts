import type { Backend } from '../backend.ts';
import { deploymentAt } from '../backend.ts';
import type { Cooldown } from '../health/cooldown.ts';
import { isOutlier } from '../health/outlier.ts';
import type { Outcome } from '../outcome.ts';
import type { BackendState } from './backend-state.ts';
import type { Lease } from './lease.ts';
import type { PoolOptions } from './pool-options.ts';

/**
 * Starts a cooldown for a failed backend if it needs one: longer each time, and not for failures that its peers share.
 */
export function coolDownAfterFailure<B extends Backend>(
  { state, requested, deployment, startedMs }: Lease<B>,
  { cooldown, outcome }: { readonly cooldown: Cooldown; readonly outcome: Outcome },
  states: readonly BackendState<B>[],
  { outlier, cooldown: bounds }: Pick<PoolOptions, 'outlier' | 'cooldown'>,
  nowMs: number,
): void {
  const record = state.recordOf(deployment, cooldown.scope);
  record.fail(nowMs);
  let { ceilingMs } = bounds;
  if (outlier !== undefined) {
    const peers = states
      .filter((peer) => peer !== state)
      .map((peer) => peer.recordAsPeer(deploymentAt(peer.backend, requested), cooldown.scope, nowMs));
    if (!cooldown.isCertain && !isOutlier(record, peers, outlier, startedMs, nowMs)) return;
    // Its probe costs nobody an answer: the next backend provides it.
    if (cooldown.isQuick === true && peers.some((peer) => peer.isInRotation(nowMs)))
      ceilingMs = cooldown.durationMs;
  }
  const durationMs = record.coolDown(startedMs, cooldown.durationMs, ceilingMs, nowMs);
  const isEjection = outlier !== undefined && !cooldown.isCertain;
  state.coolDown(deployment, { ...cooldown, durationMs, isEjection }, outcome, nowMs);
}
