import type { Outcome, TransportFailure } from '../outcome.ts';

/** The limits between which every cooldown lies. */
export interface CooldownBounds {
  /** Used when the backend did not say how long. */
  readonly defaultMs: number;
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/** A backend's rest after an outcome: why, for how long, and how much of the backend it concerns. */
export interface Cooldown {
  readonly reason: 'throttled' | 'failing';
  /** Quota and models belong to a deployment; connections and credentials belong to the whole backend. */
  readonly scope: 'deployment' | 'backend';
  readonly durationMs: number;
  /** Whether one such outcome is enough, as no healthy backend has it, or as it asks for the rest itself. */
  readonly isCertain: boolean;
}

/** Answers the rest that an outcome calls for, or `undefined` when it is nobody's fault or the client's. */
export function cooldownAfter(outcome: Outcome, bounds: CooldownBounds): Cooldown | undefined {
  switch (outcome.kind) {
    case 'throttled':
      return {
        reason: 'throttled',
        scope: 'deployment',
        durationMs: clamp(outcome.retryAfterMs, bounds),
        isCertain: true,
      };
    case 'unavailable':
      return {
        reason: 'failing',
        scope: outcome.cause === 'credential-refused' ? 'backend' : 'deployment',
        durationMs: clamp(outcome.retryAfterMs, bounds),
        isCertain: outcome.cause !== 'server-error' || outcome.retryAfterMs !== undefined,
      };
    case 'unreachable':
      if (outcome.wasHurried || outcome.failure === 'no-descriptors') return undefined;
      return {
        reason: 'failing',
        // A backend that took the request and stays silent may only be slow in this one model.
        scope: outcome.failure === 'header-timeout' ? 'deployment' : 'backend',
        durationMs: clamp(undefined, bounds),
        isCertain: !isOccasional(outcome.failure),
      };
    case 'succeeded':
    case 'rejected':
    case 'not-found':
    case 'aborted':
      return undefined;
  }
}

/** Whether a healthy backend fails like this now and then. */
function isOccasional(failure: TransportFailure): boolean {
  return failure === 'reset' || failure === 'malformed' || failure === 'header-timeout';
}

function clamp(requestedMs: number | undefined, { defaultMs, floorMs, ceilingMs }: CooldownBounds): number {
  return Math.min(Math.max(requestedMs ?? defaultMs, floorMs), ceilingMs);
}
