import type { Strategy } from './strategy.ts';

/** The backend that was picked longest ago; weights play no part. */
export const roundRobin: Strategy = {
  regardsHeadroom: false,
  pick: (candidates) =>
    candidates.reduce(
      (oldest, candidate) => (candidate.lastPick < oldest.lastPick ? candidate : oldest),
      candidates[0],
    ),
};
