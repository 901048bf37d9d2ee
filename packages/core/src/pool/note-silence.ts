import type { Backend } from '../backend.ts';
import { cooldownAfterSeveral } from '../health/cooldown.ts';
import type { Outcome } from '../outcome.ts';
import type { BackendState } from './backend-state.ts';
import { coolDownAfterFailure } from './cool-down-after-failure.ts';
import type { Lease } from './lease.ts';
import type { PoolOptions } from './pool-options.ts';

const SILENT: Outcome = { kind: 'unreachable', failure: 'header-timeout', wasSent: true };

/**
 * Notes that an attempt is silent for much longer than answers usually take. Several in a row begin a cooldown.
 *
 * @param isHedged whether another backend has answered the request
 */
export function noteSilence<B extends Backend>(
  lease: Lease<B>,
  isHedged: boolean,
  states: readonly BackendState<B>[],
  options: PoolOptions,
  nowMs: number,
): void {
  const { state, deployment } = lease;
  const inARow = state.noteSilence(deployment);
  const cooldown = cooldownAfterSeveral(inARow, isHedged, options.cooldown, options.outlier);
  if (cooldown === undefined) return;
  // As after any other silence: where nothing was served yet, nobody would hear of the cooldown otherwise.
  state.suspect(deployment, true);
  coolDownAfterFailure(lease, { cooldown, outcome: SILENT }, states, options, nowMs);
}
