import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { scriptedRandom } from '../testing/make-random.ts';
import { roundRobin } from './round-robin.ts';
import type { Candidate } from './strategy.ts';

const pickedAt = (name: string, lastPick: number, weight = 1): Candidate => ({
  backend: makeBackend(name, { weight }),
  inFlight: 0,
  lastPick,
  headroom: undefined,
});

test.each<[string, [Candidate, ...Candidate[]], string]>([
  ['who was picked longest ago', [pickedAt('a', 3), pickedAt('b', 1), pickedAt('c', 2)], 'b'],
  ['who was never picked', [pickedAt('a', 1), pickedAt('b', 0)], 'b'],
  ['the first of those never picked', [pickedAt('a', 0), pickedAt('b', 0)], 'a'],
  ['whatever the weights are', [pickedAt('a', 2, 1000), pickedAt('b', 1)], 'b'],
])('round-robin takes %s', (_, candidates, expected) => {
  expect(roundRobin.pick(candidates, scriptedRandom()).backend.name).toBe(expected);
});

test('round-robin goes round: of n backends, any n picks in a row are n different ones', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (count) => {
      const lastPicks: number[] = Array.from({ length: count }, () => 0);
      const picks: string[] = [];
      for (let pick = 1; pick <= 4 * count; pick++) {
        const [first, ...others] = lastPicks.map((lastPick, index) => pickedAt(String(index), lastPick));
        const { name } = roundRobin.pick([first!, ...others], scriptedRandom()).backend;
        lastPicks[Number(name)] = pick;
        picks.push(name);
        expect(new Set(picks.slice(-count)).size).toBe(Math.min(pick, count));
      }
    }),
  );
});
