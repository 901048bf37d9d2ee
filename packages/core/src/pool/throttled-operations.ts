import type { Health } from '../health/health.ts';
import { BoundedMap } from './bounded-map.ts';
import { keyOf, type Operation } from './declined-operations.ts';

/** Clients make up paths, so few are kept. One that is forgotten is merely asked for again. */
const MAX_OPERATIONS = 50;

/** The operations without a deployment that a backend has throttled. They share no quota, so each counts for itself. */
export class ThrottledOperations {
  /** Until when, ms on the pool's clock. */
  readonly #untilMs = new BoundedMap<number>(MAX_OPERATIONS);

  note(operation: Operation, untilMs: number): void {
    const key = keyOf(operation);
    this.#untilMs.set(key, Math.max(this.#untilMs.get(key) ?? untilMs, untilMs));
  }

  /** Returns a health, in which all of them count, as it is for one operation. */
  healthFor(operation: Operation, health: Health): Health {
    if (health.kind !== 'in-cooldown') return health;
    const untilMs = this.#untilMs.get(keyOf(operation)) ?? Number.NEGATIVE_INFINITY;
    return { ...health, throttledUntilMs: Math.min(health.throttledUntilMs, untilMs) };
  }
}
