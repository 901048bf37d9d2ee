export { seeded } from '../../src/random.ts';

/** Makes whole numbers between two bounds, both included. */
export function wholeFrom(random: () => number): (min: number, max: number) => number {
  return (min, max) => min + Math.floor(random() * (max - min + 1));
}
