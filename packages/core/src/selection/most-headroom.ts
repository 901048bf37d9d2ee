import { preferredByPrompt } from './prompt-affinity.ts';
import type { Strategy } from './strategy.ts';
import { weightedRandom } from './weighted-random.ts';

/**
 * The backend that may have the prompt's beginning cached, or else the one of two at random that has the larger share of
 * its quota left: always taking the largest would send all replicas of a gateway to the same one at the same time.
 * By weight of all where it is not known of both what is left.
 */
export const mostHeadroom: Strategy = {
  regardsHeadroom: true,
  pick(candidates, random, affinityKey) {
    if (candidates.length === 1) return candidates[0];
    const key = affinityKey?.();
    const preferred = key === undefined ? undefined : preferredByPrompt(candidates, key);
    if (preferred !== undefined) return preferred;
    const [one, other] = twoOf(candidates, random);
    const [left, leftOfOther] = [one.headroom, other.headroom];
    if (left === undefined || leftOfOther === undefined) return weightedRandom.pick(candidates, random);
    if (left === leftOfOther) return weightedRandom.pick([one, other], random);
    return left > leftOfOther ? one : other;
  },
};

function twoOf<C>(candidates: readonly [C, ...C[]], random: () => number): readonly [C, C] {
  const first = Math.floor(random() * candidates.length);
  const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
  return [candidates[first] ?? candidates[0], candidates[second] ?? candidates[0]];
}
