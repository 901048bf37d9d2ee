import type { Cooldown } from './cooldown.ts';

/** The health of one deployment at one backend, or of a backend as a whole. */
export type Health =
  | { readonly kind: 'ready' }
  /**
   * A cooldown, under way or over with nothing sent since. Its two reasons are kept apart: a cooldown for failures may
   * be cut short when nothing else can serve, a cooldown for spent quota may not.
   */
  | {
      readonly kind: 'in-cooldown';
      readonly throttledUntilMs: number;
      readonly failingUntilMs: number;
      readonly failedAtMs: number;
      /** Until when no request that makes an object is to be the probe. */
      readonly cautiousUntilMs: number;
      /** Whether it cools down for something that time does not heal. */
      readonly isLasting: boolean;
    }
  /** The cooldown is over, and the first attempt since, the probe, was sent at `sinceMs`. */
  | {
      readonly kind: 'recovering';
      readonly sinceMs: number;
      /** How many attempts may await their outcome, before the width has grown with time. */
      readonly width: number;
      /** Attempts since the probe that await their outcome. */
      readonly pending: number;
      /** Whether it failed in a way that may cost a request its answer, and none has succeeded since. */
      readonly isUnproven: boolean;
    };

/** The state of a health at a moment, from best to worst. `probing`: recovering, with all its probes under way. */
export type Availability = 'available' | 'probing' | 'cooling' | 'throttled';

export const READY: Health = { kind: 'ready' };
const NEVER = Number.NEGATIVE_INFINITY;

/** A ramp this wide is no longer a ramp: doubling from 1, it is five successes or seconds after the probe. */
const FULL_WIDTH = 32;
/**
 * Long answers must not make for a long ramp: Azure refuses within milliseconds, so a second without a refusal is worth
 * as much as a success.
 */
const DOUBLE_EVERY_MS = 1000;

/** Returns the state of the health at `nowMs`. */
export function availabilityAt(health: Health, nowMs: number): Availability {
  switch (health.kind) {
    case 'ready':
      return 'available';
    case 'recovering':
      return health.pending < allowedAt(health, nowMs) ? 'available' : 'probing';
    case 'in-cooldown':
      if (health.throttledUntilMs > nowMs) return 'throttled';
      return health.failingUntilMs > nowMs ? 'cooling' : 'available';
  }
}

/** Returns when the present cooldown ends: that for spent quota, or else that for failures. Minus infinity if none. */
export function cooldownEndsAtMs(health: Health, nowMs: number): number {
  if (health.kind !== 'in-cooldown') return NEVER;
  if (health.throttledUntilMs > nowMs) return health.throttledUntilMs;
  return health.failingUntilMs > nowMs ? health.failingUntilMs : NEVER;
}

/** Returns when the failure happened that it now cools down for; minus infinity if it does not. */
export function failedAtMs(health: Health, nowMs: number): number {
  return health.kind === 'in-cooldown' && health.failingUntilMs > nowMs ? health.failedAtMs : NEVER;
}

/** Returns whether it cools down for something that time does not heal, and for nothing else. */
export function coolsDownForGood(health: Health, nowMs: number): boolean {
  return health.kind === 'in-cooldown' && health.isLasting && availabilityAt(health, nowMs) === 'cooling';
}

/**
 * Returns whether a request that makes an object should rather go elsewhere, as it may get no answer here and can be
 * sent to nobody else then: before another request has been the probe, and until that has succeeded.
 */
export function isUnproven(health: Health, nowMs: number): boolean {
  if (health.kind === 'recovering') return health.isUnproven && health.pending > 0;
  return health.kind === 'in-cooldown' && health.cautiousUntilMs > nowMs;
}

/** Returns the health after an attempt has begun. The first attempt after a cooldown is the probe. */
export function beginAt(health: Health, nowMs: number): Health {
  switch (health.kind) {
    case 'ready':
      return health;
    case 'recovering':
      if (!health.isUnproven && allowedAt(health, nowMs) === Number.POSITIVE_INFINITY) return READY;
      return { ...health, pending: health.pending + 1 };
    case 'in-cooldown': {
      if (availabilityAt(health, nowMs) !== 'available') return health;
      const isUnproven = health.cautiousUntilMs > NEVER;
      return { kind: 'recovering', sinceMs: nowMs, width: 1, pending: 1, isUnproven };
    }
  }
}

/** Returns the health once an attempt that began at `startedMs` no longer awaits its outcome. */
export function endAttempt(health: Health, startedMs: number): Health {
  const isOfRecovery = health.kind === 'recovering' && startedMs >= health.sinceMs;
  return isOfRecovery ? { ...health, pending: health.pending - 1 } : health;
}

/** Returns the health after a cooldown that begins now. A cooldown is only ever extended. */
export function coolDown(health: Health, cooldown: Cooldown, nowMs: number): Health {
  const untilMs = nowMs + cooldown.durationMs;
  const before = health.kind === 'in-cooldown' ? health : NO_COOLDOWN;
  if (cooldown.reason === 'throttled')
    return { ...before, throttledUntilMs: Math.max(before.throttledUntilMs, untilMs) };
  const cautiousUntilMs = cooldown.isCostly === true ? untilMs + cooldown.durationMs : NEVER;
  return {
    ...before,
    failingUntilMs: Math.max(before.failingUntilMs, untilMs),
    failedAtMs: nowMs,
    cautiousUntilMs: Math.max(before.cautiousUntilMs, cautiousUntilMs),
    isLasting: cooldown.isLasting === true,
  };
}

/**
 * Returns the health once the cause of its cooldown is known to be over, except for spent quota: the next attempt is
 * the probe.
 */
export function endFailureCooldown(health: Health, nowMs: number): Health {
  switch (health.kind) {
    case 'ready':
      return health;
    case 'recovering':
      return { ...health, isUnproven: false };
    case 'in-cooldown':
      return { ...health, failingUntilMs: Math.min(health.failingUntilMs, nowMs), cautiousUntilMs: NEVER };
  }
}

/** Returns the health once its cooldown has been ended by hand, whatever its reason: the next attempt is the probe. */
export function clearCooldown(health: Health, nowMs: number): Health {
  const failing = endFailureCooldown(health, nowMs);
  if (failing.kind !== 'in-cooldown') return failing;
  return { ...failing, throttledUntilMs: Math.min(failing.throttledUntilMs, nowMs) };
}

const NO_COOLDOWN = {
  kind: 'in-cooldown',
  throttledUntilMs: NEVER,
  failingUntilMs: NEVER,
  failedAtMs: NEVER,
  cautiousUntilMs: NEVER,
  isLasting: false,
} as const;

/**
 * Returns the health after an attempt that began at `startedMs` has succeeded. Its success proves nothing about quota
 * spent since it began, nor about a later failure, nor, if it began before the probe, about the recovery.
 */
export function succeedAt(health: Health, startedMs: number, nowMs: number): Health {
  switch (health.kind) {
    case 'ready':
      return health;
    case 'recovering': {
      if (startedMs < health.sinceMs) return health;
      const width = health.width * 2;
      return width >= FULL_WIDTH ? READY : { ...health, width, isUnproven: false };
    }
    case 'in-cooldown':
      if (health.failedAtMs > startedMs) return health;
      // It was sent despite a cooldown for failures, and ends that cooldown.
      if (health.throttledUntilMs <= nowMs && health.failingUntilMs > nowMs) return READY;
      return { ...health, failingUntilMs: NEVER, failedAtMs: NEVER, cautiousUntilMs: NEVER };
  }
}

/** How many attempts may await their outcome at `nowMs`; unlimited once the ramp has reached its full width. */
function allowedAt({ width, sinceMs }: Extract<Health, { kind: 'recovering' }>, nowMs: number): number {
  const allowed = width * 2 ** Math.floor((nowMs - sinceMs) / DOUBLE_EVERY_MS);
  return allowed >= FULL_WIDTH ? Number.POSITIVE_INFINITY : allowed;
}
