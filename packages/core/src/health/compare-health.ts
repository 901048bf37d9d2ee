import { type Availability, availabilityAt, type Health, cooldownEndsAtMs } from './health.ts';

const SEVERITY: Readonly<Record<Availability, number>> = {
  available: 0,
  probing: 1,
  cooling: 2,
  throttled: 3,
};

/** Above 0 if `a` is worse than `b`, or as bad but for longer. */
export function compareHealth(a: Health, b: Health, nowMs: number): number {
  if (a === b) return 0;
  const difference = SEVERITY[availabilityAt(a, nowMs)] - SEVERITY[availabilityAt(b, nowMs)];
  if (difference !== 0) return difference;
  const [endA, endB] = [cooldownEndsAtMs(a, nowMs), cooldownEndsAtMs(b, nowMs)];
  return endA === endB ? 0 : endA - endB;
}

/** Returns the state at `nowMs` of the worse of two healths. */
export function worseOf(a: Health, b: Health, nowMs: number): Availability {
  const availability = availabilityAt(a, nowMs);
  if (a === b) return availability;
  const other = availabilityAt(b, nowMs);
  return SEVERITY[availability] >= SEVERITY[other] ? availability : other;
}
