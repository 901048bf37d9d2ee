import { deploymentAt, type Backend } from '../backend.ts';
import { cooldownAfterSeveral } from '../health/cooldown.ts';
import type { Outcome } from '../outcome.ts';
import type { BackendState } from './backend-state.ts';
import { coolDownAfterFailure } from './cool-down-after-failure.ts';
import type { Lease } from './lease.ts';
import type { PoolOptions } from './pool-options.ts';

const BROKEN_OFF: Outcome = { kind: 'unreachable', failure: 'broken-off', wasSent: true };

/**
 * Notes how a good answer ended. Several in a row that broke off in their middle begin a cooldown: each left its client
 * with half an answer, which nobody else can complete. They do not where the other backends fare no better.
 */
export function noteAnswerEnd<B extends Backend>(
  lease: Lease<B>,
  isWhole: boolean,
  states: readonly BackendState<B>[],
  options: PoolOptions,
  nowMs: number,
): void {
  const { state, deployment, requested, startedMs } = lease;
  const inARow = state.brokenAnswersOf(deployment).note(isWhole, startedMs, nowMs);
  const cooldown = cooldownAfterSeveral(inARow, false, options.cooldown, options.outlier);
  if (cooldown === undefined) return;
  const isBetterElsewhere = states.some(
    (peer) => peer !== state && peer.endsAnswersWhole(deploymentAt(peer.backend, requested), nowMs),
  );
  if (isBetterElsewhere)
    coolDownAfterFailure(lease, { cooldown, outcome: BROKEN_OFF }, states, options, nowMs);
}
