import type { Strategy } from './strategy.ts';

/** Each backend gets the share of picks that its weight is of the group's. */
export const weightedRandom: Strategy = {
  regardsHeadroom: false,
  pick(candidates, random) {
    if (candidates.length === 1) return candidates[0];
    let total = 0;
    for (const { backend } of candidates) total += backend.weight;
    let ticket = random() * total;
    for (const candidate of candidates) {
      ticket -= candidate.backend.weight;
      if (ticket < 0) return candidate;
    }
    return candidates[0];
  },
};
