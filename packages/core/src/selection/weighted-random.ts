import type { Strategy } from './strategy.ts';
import { weightOf } from './weight-of.ts';

/** Each backend's share of picks is its share of the group's weight. */
export const weightedRandom: Strategy = {
  regardsHeadroom: false,
  pick(candidates, random) {
    if (candidates.length === 1) return candidates[0];
    let total = 0;
    for (const { backend } of candidates) total += weightOf(backend);
    let ticket = random() * total;
    for (const candidate of candidates) {
      ticket -= weightOf(candidate.backend);
      if (ticket < 0) return candidate;
    }
    return candidates[0];
  },
};
