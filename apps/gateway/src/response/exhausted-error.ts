import type { AttemptRecord, Backend, ExhaustedCause } from '@spillway/core';
import { GatewayError, RETRY_SOON } from '../errors.ts';
import { type Bystander, describeGroups, describeOwner, lackOf, untriedOf } from './describe-tried.ts';

/** The SDKs ignore a longer `Retry-After` and retry after half a second instead. */
const LONGEST_RETRY_AFTER_MS = 59_000;

/** The facts about a request that no backend could serve. */
export interface Exhaustion {
  readonly cause: ExhaustedCause;
  /** Until the first backend ends its cooldown, in ms. */
  readonly recoveryMs: number;
  /** The name of the one backend that could have served, where no other could. */
  readonly owner?: string | undefined;
  readonly attempts: readonly AttemptRecord[];
}

/**
 * Returns the error for a client when no backend could serve: the attempts, and when to come back.
 *
 * @param bystanders the backends' present states; unlisted ones count as in cooldown
 */
export function exhaustedError(
  { cause, recoveryMs, owner, attempts }: Exhaustion,
  deployment: string,
  backends: readonly Backend[],
  bystanders: readonly Bystander[] = [],
): GatewayError {
  const others = untriedOf(bystanders, attempts, { cause, owner });
  const groups =
    owner === undefined ? describeGroups(attempts, backends, others) : describeOwner(owner, attempts, others);
  const name = deployment === '' ? '' : ` for deployment "${deployment}"`;
  switch (cause) {
    case 'throttled': {
      const { ofAll, ofOne } = lackOf(attempts, others);
      const [lack, who] = owner === undefined ? [ofAll, 'The first'] : [ofOne, 'It'];
      const message = `${lack}${name}. ${groups} ${who} recovers in ${inSeconds(recoveryMs)}.`;
      return new GatewayError(cause, message, retryAfter(recoveryMs));
    }
    case 'deployment-missing':
      return new GatewayError(cause, `No backend has the deployment "${deployment}". ${groups}`);
    case 'not-found':
      return new GatewayError(cause, `No backend has what was asked for. ${groups}`);
    case 'not-repeatable':
      return new GatewayError(
        cause,
        `The backend’s answer was lost after the request was sent, and it may have acted on it. ${groups}`,
      );
    case 'not-replayable':
      return new GatewayError(
        cause,
        `The backend failed${name}, and the request body is too large to be kept for another. ${groups}`,
      );
    case 'out-of-time':
      return new GatewayError(cause, `No backend answered${name} within the time allowed. ${groups}`);
    case 'retries-spent':
      return new GatewayError(
        'unavailable',
        `The backend failed${name}, and too many requests have been retried lately to retry this one. ${groups}`,
      );
    case 'overloaded':
      return new GatewayError(
        'overloaded',
        `The gateway itself could open no connection. ${groups}`,
        RETRY_SOON,
      );
    case 'unavailable':
    case 'declined':
      return new GatewayError('unavailable', `No backend could serve the request${name}. ${groups}`);
  }
}

function retryAfter(recoveryMs: number): Record<string, string> {
  const waitMs = Math.min(Math.max(Math.ceil(recoveryMs), 1), LONGEST_RETRY_AFTER_MS);
  return { 'retry-after': String(Math.ceil(waitMs / 1000)), 'retry-after-ms': String(waitMs) };
}

function inSeconds(ms: number): string {
  const seconds = Math.max(Math.ceil(ms / 1000), 1);
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
