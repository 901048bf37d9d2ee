import type { HeaderLookup } from '../attempt.ts';
import type { Backend } from '../backend.ts';
import { cooldownAfter } from '../health/cooldown.ts';
import { hasAnswered, isOfServer, isRefusal, type Outcome } from '../outcome.ts';
import { settleCharge } from '../quota/settle-charge.ts';
import type { BackendState } from './backend-state.ts';
import type { LateAnswers } from './late-answers.ts';
import type { Lease } from './lease.ts';
import type { PoolOptions } from './pool-options.ts';
import { coolDownAfterFailure } from './cool-down-after-failure.ts';

/** The parts of a pool that settling an attempt needs. */
export interface Settling<B extends Backend> {
  readonly lateAnswers: LateAnswers;
  /** The states of all backends. */
  readonly states: readonly BackendState<B>[];
  readonly options: PoolOptions;
  /** Whether a backend whose quota is spent is passed over. */
  readonly regardsHeadroom: boolean;
}

/** An attempt's outcome, and the headers of its answer, if there was one. */
interface Ended {
  readonly outcome: Outcome;
  readonly header: HeaderLookup | undefined;
}

/** Notes how a lease's attempt ended: its effect on the quota, and on the backend's state. */
export function settleLease<B extends Backend>(
  lease: Lease<B>,
  { outcome, header }: Ended,
  { lateAnswers, states, options, regardsHeadroom }: Settling<B>,
  nowMs: number,
): void {
  const { deployment, requested, startedMs, quota, charge, state } = lease;
  lease.isSettled = true;
  state.end(deployment, startedMs);
  if (outcome.kind === 'succeeded' || outcome.kind === 'throttled') state.know(deployment);
  else if (outcome.kind === 'unavailable') state.suspect(deployment, isOfServer(outcome.cause));
  else if (outcome.kind === 'unreachable') state.suspect(deployment, outcome.failure === 'header-timeout');

  if (outcome.kind === 'succeeded' && header !== undefined) {
    lateAnswers.note(requested, header, nowMs - startedMs);
    state.servedFromMs = Math.max(state.servedFromMs, startedMs);
  }

  // Requests for no deployment share no quota, so the numbers of one say nothing of another.
  const isExplained =
    deployment !== '' && settleCharge(quota, charge, outcome, header, nowMs) && regardsHeadroom;
  if (isExplained) return state.succeedAsWhole(startedMs, nowMs);

  // A request for no deployment has named something else that is not there.
  const isOfNothing =
    outcome.kind === 'unavailable' && outcome.cause === 'deployment-missing' && deployment === '';
  const cooldown = isOfNothing ? undefined : cooldownAfter(outcome, options.cooldown);
  if (cooldown?.reason === 'failing')
    coolDownAfterFailure(lease, { cooldown, outcome }, states, options, nowMs);
  else if (cooldown !== undefined) state.throttle(deployment, lease, { cooldown, outcome }, nowMs);
  else if (hasAnswered(outcome) && !isRefusal(outcome)) state.succeed(deployment, startedMs, nowMs);
  // Any answer, except one that refuses the credential, shows that the backend can be reached.
  const isCredentialInDoubt = outcome.kind === 'declined' && outcome.cause !== 'unsupported';
  if (hasAnswered(outcome) && !isCredentialInDoubt && cooldown?.scope !== 'backend')
    state.succeedAsWhole(startedMs, nowMs);
}
