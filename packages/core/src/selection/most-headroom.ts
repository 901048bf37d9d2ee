import { preferredByPrompt } from './prompt-affinity.ts';
import type { Candidate, Strategy } from './strategy.ts';
import { weightOf } from './weight-of.ts';

/**
 * No backend counts as having less left than this. The known share may be out of date, and only a request sent there
 * can correct it.
 */
const MIN_SHARE = 0.02;

/**
 * The backend that may have the beginning of the prompt cached, or else one at random, in proportion to its weight and
 * to the remaining share of its quota. An unknown share counts as all of it. Chance keeps the replicas of a gateway
 * from sending everything to the same backend at the same time.
 */
export const mostHeadroom: Strategy = {
  regardsHeadroom: true,
  pick(candidates, random, affinityKey) {
    if (candidates.length === 1) return candidates[0];
    const key = affinityKey?.();
    const preferred = key === undefined ? undefined : preferredByPrompt(candidates, key);
    if (preferred !== undefined) return preferred;
    let [picked] = candidates;
    let total = 0;
    // Each replaces the earlier ones with the probability that its part has in the sum so far: one pass, and nothing is
    // stored.
    for (const candidate of candidates) {
      const part = partOf(candidate);
      total += part;
      if (random() * total < part) picked = candidate;
    }
    return picked;
  },
};

function partOf({ backend, headroom }: Candidate): number {
  return weightOf(backend) * Math.max(MIN_SHARE, headroom ?? 1);
}
