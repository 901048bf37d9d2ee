/** Returns a number from 0 to below 1. */
export type Random = () => number;

/** Makes numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws a whole number between two others, both included. */
export function drawBetween(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Draws from a log-normal distribution: half of the numbers is above `median`; `sigma` is how far it spreads. */
export function drawLogNormal(random: Random, median: number, sigma: number): number {
  // Box-Muller; the logarithm is never taken of 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** Draws how long to wait for the next of events that come independently, `perMs` of them in a millisecond. */
export function drawGapMs(random: Random, perMs: number): number {
  return -Math.log(1 - random()) / perMs;
}
