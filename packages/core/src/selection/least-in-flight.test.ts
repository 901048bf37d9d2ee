import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { scriptedRandom, seededRandom } from '../testing/make-random.ts';
import { leastInFlight } from './least-in-flight.ts';
import type { Candidate } from './strategy.ts';

const loaded = (name: string, inFlight: number, weight = 1): Candidate => ({
  backend: makeBackend(name, { weight }),
  inFlight,
  lastPick: 0,
  headroom: undefined,
});

test.each<[string, [Candidate, ...Candidate[]], number[], string]>([
  ['the idle one', [loaded('a', 1), loaded('b', 0)], [], 'b'],
  ['the one with the fewest', [loaded('a', 3), loaded('b', 2), loaded('c', 4)], [], 'b'],
  ['the one with the fewest for its weight', [loaded('a', 2, 1), loaded('b', 3, 2)], [], 'b'],
  ['not the heavy one when it is full', [loaded('a', 2, 1), loaded('b', 5, 2)], [], 'a'],
  ['one of equals by chance', [loaded('a', 1), loaded('b', 1)], [0.49], 'a'],
  ['another of equals by chance', [loaded('a', 1), loaded('b', 1)], [0.5], 'b'],
  ['equals by their weights', [loaded('a', 1, 1), loaded('b', 3, 3)], [0.24], 'a'],
  ['equals by their weights again', [loaded('a', 1, 1), loaded('b', 3, 3)], [0.25], 'b'],
  ['only among the lightest', [loaded('x', 9), loaded('a', 0), loaded('y', 9), loaded('b', 0)], [0.99], 'b'],
])('least-in-flight takes %s', (_, candidates, chances, expected) => {
  expect(leastInFlight.pick(candidates, scriptedRandom(...chances)).backend.name).toBe(expected);
});

test('least-in-flight fills the backends in proportion to their weights when nothing ends', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(weights, fc.integer(), (some, seed) => {
      const random = seededRandom(seed);
      const total = some.reduce((sum, weight) => sum + weight, 0);
      const inFlight = some.map(() => 0);
      for (let pick = 0; pick < 3 * total; pick++) {
        const [first, ...others] = some.map((weight, index) =>
          loaded(String(index), inFlight[index]!, weight),
        );
        inFlight[Number(leastInFlight.pick([first!, ...others], random).backend.name)]!++;
      }
      expect(inFlight).toEqual(some.map((weight) => 3 * weight));
    }),
  );
});
