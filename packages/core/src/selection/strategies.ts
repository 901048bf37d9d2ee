import { leastInFlight } from './least-in-flight.ts';
import { mostHeadroom } from './most-headroom.ts';
import { roundRobin } from './round-robin.ts';
import type { Strategy } from './strategy.ts';
import { weightedRandom } from './weighted-random.ts';

/** Every strategy by its name in the configuration. */
export const strategies = {
  'most-headroom': mostHeadroom,
  'weighted-random': weightedRandom,
  'round-robin': roundRobin,
  'least-in-flight': leastInFlight,
} satisfies Record<string, Strategy>;

/** The name of a selection strategy. */
export type StrategyName = keyof typeof strategies;
