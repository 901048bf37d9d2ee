import type { RoutingRequest } from '../routing-request.ts';
import { BoundedMap } from './bounded-map.ts';

export type Operation = Pick<RoutingRequest, 'method' | 'operation'>;

/** The cooldown of one operation, ms on the pool's clock. */
export interface OperationCooldown {
  /** Such as `POST chat/completions`, with `*` for an id. */
  readonly operation: string;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Clients make up paths, so few are kept. */
const MAX_OPERATIONS = 50;
/** This many refusals in a row are no accident of single requests; for a deployment that has never served, one is enough. */
const SEVERAL = 3;
/** A cooldown is forgiven after this many times its length without another. */
const FORGIVEN_AFTER = 10;

/**
 * The operations that a deployment declined while another backend did them; each has its own cooldown, longer each
 * time.
 */
export class DeclinedOperations {
  readonly #cooldowns = new BoundedMap<OperationCooldown>(MAX_OPERATIONS);
  /** How often in a row each operation without a cooldown was declined. */
  readonly #inARow = new BoundedMap<number>(MAX_OPERATIONS);

  /** Returns the cooldown of an operation at `nowMs`, if it has one. */
  cooldownOf(operation: Operation, nowMs: number): OperationCooldown | undefined {
    const cooldown = this.#cooldowns.get(keyOf(operation));
    return cooldown !== undefined && cooldown.untilMs > nowMs ? cooldown : undefined;
  }

  /** Returns the operations with a cooldown at `nowMs`. */
  inCooldown(nowMs: number): OperationCooldown[] {
    return [...this.#cooldowns.values()].filter(({ untilMs }) => untilMs > nowMs);
  }

  clear(): void {
    this.#cooldowns.clear();
    this.#inARow.clear();
  }

  /**
   * Notes that a deployment which has served declined an operation, which may have been due to that one request. Returns
   * whether it has declined the operation too often in a row for that.
   */
  noteDecline(operation: Operation): boolean {
    const key = keyOf(operation);
    const times = (this.#inARow.get(key) ?? 0) + 1;
    this.#inARow.set(key, times);
    return times >= SEVERAL;
  }

  /** The operation was done. This is called for every success, so it mostly returns at once. */
  excuse(operation: Operation): void {
    if (this.#inARow.size > 0) this.#inARow.delete(keyOf(operation));
  }

  coolDown(operation: Operation, leastMs: number, ceilingMs: number, nowMs: number): void {
    const key = keyOf(operation);
    const before = this.#cooldowns.get(key);
    if (before !== undefined && before.untilMs > nowMs) return;
    const lastMs = before === undefined ? 0 : before.untilMs - before.sinceMs;
    const isForgiven = before === undefined || nowMs > before.untilMs + FORGIVEN_AFTER * lastMs;
    const forMs = Math.min(isForgiven ? leastMs : 2 * lastMs, ceilingMs);
    this.#cooldowns.set(key, { operation: key, sinceMs: nowMs, untilMs: nowMs + forMs });
  }
}

/** Returns the name of an operation, without the ids in its path. */
export function keyOf({ method = '', operation = '' }: Operation): string {
  const words = operation.split('/').map((word) => (/\d/.test(word) ? '*' : word));
  return `${method} ${words.join('/')}`;
}

/** Returns whether it is about one object, for which another backend proves nothing. */
export function isOfObject(operation: Operation): boolean {
  return keyOf(operation).includes('*');
}
