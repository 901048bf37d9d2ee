import type { BackendCandidate } from '../selection/select-backend.ts';

const SEVERITY: Readonly<Record<BackendCandidate['availability'], number>> = {
  available: 0,
  probing: 1,
  full: 2,
  cooling: 3,
  throttled: 4,
  draining: 5,
};

/** Below 0 if `a` is better than `b`, or as bad but not for as long. */
export function compareStates(a: BackendCandidate, b: BackendCandidate): number {
  return (
    SEVERITY[a.availability] - SEVERITY[b.availability] || (a.recoversAtMs() < b.recoversAtMs() ? -1 : 1)
  );
}

/** Returns whether a backend is in a cooldown, for spent quota or for failures. */
export function isInCooldown({ availability }: Pick<BackendCandidate, 'availability'>): boolean {
  return availability === 'cooling' || availability === 'throttled';
}
