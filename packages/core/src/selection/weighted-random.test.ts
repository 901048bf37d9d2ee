import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { scriptedRandom, seededRandom } from '../testing/make-random.ts';
import type { Candidate } from './strategy.ts';
import { weightedRandom } from './weighted-random.ts';

const weighing = (name: string, weight: number): Candidate => ({
  backend: makeBackend(name, { weight }),
  inFlight: 0,
  lastPick: 0,
  headroom: undefined,
});

test.each([
  [0, 'a'],
  [0.0999, 'a'],
  [0.1, 'b'],
  [0.3999, 'b'],
  [0.4, 'c'],
  [0.9999, 'c'],
])('of the weights 1, 3 and 6, chance %d picks %s', (chance, expected) => {
  const picked = weightedRandom.pick(
    [weighing('a', 1), weighing('b', 3), weighing('c', 6)],
    scriptedRandom(chance),
  );
  expect(picked.backend.name).toBe(expected);
});

test('weighted-random weighs neither what is in flight nor who was picked last', () => {
  const busy = { ...weighing('busy', 1), inFlight: 1000, lastPick: 9 };
  expect(weightedRandom.pick([busy, weighing('idle', 1)], scriptedRandom(0.49))).toBe(busy);
});

test('weighted-random asks for one number a pick, and for none when there is no choice', () => {
  expect(() => weightedRandom.pick([weighing('a', 1)], scriptedRandom())).not.toThrow();
  expect(() => weightedRandom.pick([weighing('a', 1), weighing('b', 1)], scriptedRandom(0.5))).not.toThrow();
});

test('weighted-random gives each backend the share of picks that its weight is of the whole', () => {
  const PICKS = 4000;
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(weights, fc.integer(), (some, seed) => {
      const [first, ...others] = some.map((weight, index) => weighing(String(index), weight));
      const random = seededRandom(seed);
      const picks = new Map<string, number>();
      for (let pick = 0; pick < PICKS; pick++) {
        const { name } = weightedRandom.pick([first!, ...others], random).backend;
        picks.set(name, (picks.get(name) ?? 0) + 1);
      }
      const total = some.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of some.entries()) {
        const share = weight / total;
        const deviation = Math.sqrt((share * (1 - share)) / PICKS);
        // Six standard deviations: wrong by chance once in 500 million.
        expect(Math.abs((picks.get(String(index)) ?? 0) / PICKS - share)).toBeLessThan(6 * deviation);
      }
    }),
    { numRuns: 30 },
  );
});
