import { isOfServer, mayHaveAccepted, type Outcome, type UnavailableCause } from '../outcome.ts';

/** The limits between which every cooldown lies. */
export interface CooldownBounds {
  /** Used when the backend did not say how long. */
  readonly defaultMs: number;
  readonly floorMs: number;
  readonly ceilingMs: number;
}

/** A backend's cooldown after an outcome: its reason and length, and how much of the backend it covers. */
export interface Cooldown {
  readonly reason: 'throttled' | 'failing';
  /** Quota and models belong to a deployment; connections and credentials belong to the whole backend. */
  readonly scope: 'deployment' | 'backend';
  readonly durationMs: number;
  /** Whether one such outcome is enough, as no healthy backend produces it, or as it asks for the cooldown itself. */
  readonly isCertain: boolean;
  /** Whether time does not heal it: the backend lacks what it was asked for, or may not be used at all. */
  readonly isLasting?: boolean | undefined;
  /** Whether there was no connection, or no credential to send on it, so that the cooldown ends as soon as there is. */
  readonly isConnection?: boolean | undefined;
  /** Whether another failure like it would cost its client no time, so that the backend may soon be tried again. */
  readonly isQuick?: boolean | undefined;
  /** Whether another failure like it may cost a request that makes an object its answer. */
  readonly isCostly?: boolean | undefined;
  /** Whether it fails while its peers do not. */
  readonly isEjection?: boolean | undefined;
}

/** Returns the cooldown that an outcome calls for, or `undefined` if it is nobody's fault or the client's. */
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
        isCertain: isLasting(outcome.cause) || outcome.retryAfterMs !== undefined,
        isLasting: isLasting(outcome.cause),
        isQuick: isOfServer(outcome.cause),
        isCostly: mayHaveAccepted(outcome),
      };
    case 'unreachable':
      if (outcome.wasHurried || outcome.failure === 'no-descriptors') return undefined;
      return {
        reason: 'failing',
        // A backend that took the request and stays silent may be slow in this one model only.
        scope: outcome.failure === 'header-timeout' ? 'deployment' : 'backend',
        durationMs: clamp(undefined, bounds),
        isCertain: !isOccasional(outcome.failure),
        isConnection: BEFORE_THE_REQUEST.has(outcome.failure),
        isQuick: outcome.failure === 'reset' || outcome.failure === 'malformed',
        isCostly: mayHaveAccepted(outcome),
      };
    case 'succeeded':
    case 'rejected':
    // Not before another backend has done what this one declined.
    case 'declined':
    case 'not-found':
    case 'aborted':
      return undefined;
  }
}

function isLasting(cause: UnavailableCause): boolean {
  return cause === 'credential-refused' || cause === 'deployment-missing';
}

/** This many in a row are no accident. */
const SEVERAL = 3;

/**
 * Returns the cooldown for this many attempts in a row that did not fail by themselves: silences, each of which ended
 * only because another backend had answered meanwhile, or of requests that nobody else could answer; or answers that
 * broke off in their middle.
 *
 * @param isQuick whether another backend answers a request that is the probe
 */
export function cooldownAfterSeveral(
  inARow: number,
  isQuick: boolean,
  bounds: CooldownBounds,
  { consecutiveFailures = SEVERAL }: { readonly consecutiveFailures?: number } = {},
): Cooldown | undefined {
  if (inARow < consecutiveFailures) return undefined;
  return {
    reason: 'failing',
    scope: 'deployment',
    durationMs: clamp(undefined, bounds),
    isCertain: true,
    isQuick,
    isCostly: true,
  };
}

type Failure = Extract<Outcome, { kind: 'unreachable' }>['failure'];

const BEFORE_THE_REQUEST: ReadonlySet<Failure> = new Set([
  'refused',
  'dns',
  'tls',
  'connect-timeout',
  'credential',
]);

/** Whether a healthy backend fails like this now and then. */
function isOccasional(failure: Failure): boolean {
  return failure === 'reset' || failure === 'malformed' || failure === 'header-timeout';
}

function clamp(requestedMs: number | undefined, { defaultMs, floorMs, ceilingMs }: CooldownBounds): number {
  return Math.min(Math.max(requestedMs ?? defaultMs, floorMs), ceilingMs);
}
