import type { Candidate, Strategy } from './strategy.ts';
import { weightOf } from './weight-of.ts';
import { weightedRandom } from './weighted-random.ts';

/** The backend with the fewest requests in flight for its weight; ties are broken by weight. */
export const leastInFlight: Strategy = {
  regardsHeadroom: false,
  pick(candidates, random) {
    const [first, ...others] = candidates;
    let lightest: [typeof first, ...(typeof first)[]] = [first];
    for (const candidate of others) {
      const difference = load(candidate) - load(lightest[0]);
      if (difference < 0) lightest = [candidate];
      else if (difference === 0) lightest.push(candidate);
    }
    return weightedRandom.pick(lightest, random);
  },
};

function load({ inFlight, backend }: Candidate): number {
  return inFlight / weightOf(backend);
}
