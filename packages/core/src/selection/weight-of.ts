import type { Backend } from '../backend.ts';

/** Returns a weight above 0. Backends of weight 0 are chosen only among themselves, with equal shares. */
export function weightOf({ weight }: Backend): number {
  return weight === 0 ? 1 : weight;
}
