import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { scriptedRandom, seededRandom } from '../testing/make-random.ts';
import { strategies } from './strategies.ts';
import type { Candidate } from './strategy.ts';

type Candidates = readonly [Candidate, ...Candidate[]];

const candidate = fc
  .record({
    weight: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0.001, max: 1e6, noNaN: true })),
    inFlight: fc.nat(50),
    lastPick: fc.nat(50),
    headroom: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  })
  .map(({ weight, ...rest }) => ({ backend: makeBackend('a', { weight }), ...rest }));
const candidates = fc
  .array(candidate, { minLength: 1, maxLength: 8 })
  .map((some) => some as unknown as Candidates);

describe.each(Object.entries(strategies))('%s', (_, strategy) => {
  test('a strategy picks one of the candidates, and the same one under the same chance', () => {
    fc.assert(
      fc.property(candidates, fc.integer(), (some, seed) => {
        const picked = strategy.pick(some, seededRandom(seed));
        expect(some).toContain(picked);
        expect(strategy.pick(some, seededRandom(seed))).toBe(picked);
      }),
    );
  });

  test('a strategy picks one of the candidates at either end of chance', () => {
    fc.assert(
      fc.property(candidates, fc.constantFrom(0, 1 - Number.EPSILON / 2), (some, chance) => {
        expect(some).toContain(strategy.pick(some, () => chance));
      }),
    );
  });

  test('a strategy has no choice of one', () => {
    const only = { backend: makeBackend('a'), inFlight: 3, lastPick: 7, headroom: 0.5 };
    expect(strategy.pick([only], scriptedRandom(0.9))).toBe(only);
  });
});
