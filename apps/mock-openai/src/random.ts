/** Returns a number from 0 to below 1. */
export type Random = () => number;

/** Makes numbers from 0 to below 1 that are the same for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Mixes a seed with a name, so that mocks with the same seed do not all do the same at the same time. */
export function seedOf(seed: number, name: string): number {
  let mixed = seed >>> 0;
  for (let index = 0; index < name.length; index += 1) {
    mixed = Math.imul(mixed ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return mixed;
}

/** Draws a number whose logarithm is normal about 0 with this deviation: half of them are below 1. */
export function logNormal(random: Random, sigma: number): number {
  if (sigma === 0) return 1;
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()));
}
