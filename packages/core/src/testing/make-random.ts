import type { Random } from '../selection/strategy.ts';

/** Returns a source of these numbers in turn, which throws when asked for one more. */
export function scriptedRandom(...numbers: readonly number[]): Random {
  const remaining = [...numbers];
  return () => {
    const next = remaining.shift();
    if (next === undefined) throw new Error('the scripted random has nothing left to say');
    return next;
  };
}

/** Returns a reproducible source of evenly spread numbers (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
