import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { scriptedRandom, seededRandom } from '../testing/make-random.ts';
import { mostHeadroom } from './most-headroom.ts';
import type { Candidate } from './strategy.ts';

const having = (name: string, headroom: number | undefined, weight = 1): Candidate => ({
  backend: makeBackend(name, { weight }),
  inFlight: 0,
  lastPick: 0,
  headroom,
});

test('most-headroom takes the only one without a chance being drawn', () => {
  expect(mostHeadroom.pick([having('a', 0)], scriptedRandom()).backend.name).toBe('a');
});

test.each<[string, [Candidate, ...Candidate[]], number[]]>([
  ['equal backends get equal shares', [having('a', 0.7), having('b', 0.7), having('c', 0.7)], [1, 1, 1]],
  ['weights 9:1 give 9:1', [having('a', 0.9, 9), having('b', 0.9, 1)], [9, 1]],
  ['what is left counts in proportion', [having('a', 0.2), having('b', 0.3), having('c', 0.9)], [2, 3, 9]],
  ['a small difference means little', [having('a', 0.995), having('b', 0.999)], [0.995, 0.999]],
  ['weights multiply what is left', [having('a', 0.25, 4), having('b', 0.5, 1)], [1, 0.5]],
  ['what is not known counts as all of it', [having('a', 0.5), having('b', undefined)], [1, 2]],
  ['nobody is starved by a number that may be old', [having('a', 0), having('b', 1)], [0.02, 1]],
  ['with nothing left anywhere weights decide', [having('a', 0, 3), having('b', 0)], [3, 1]],
  ['drained ones among themselves share alike', [having('a', 1, 0), having('b', 1, 0)], [1, 1]],
  ['ten of them', Array.from({ length: 10 }, (_, n) => having(`b${n}`, 1)) as never, Array(10).fill(1)],
])('%s', (_, candidates, parts) => {
  const PICKS = 10_000;
  const random = seededRandom(1);
  const picks = new Map<string, number>();
  for (let pick = 0; pick < PICKS; pick++) {
    const { name } = mostHeadroom.pick(candidates, random).backend;
    picks.set(name, (picks.get(name) ?? 0) + 1);
  }
  const sum = parts.reduce((total, part) => total + part, 0);
  const squares = candidates.map(({ backend }, index) => {
    const expected = (PICKS * (parts[index] ?? 0)) / sum;
    return ((picks.get(backend.name) ?? 0) - expected) ** 2 / expected;
  });
  // Chi-square with at most nine degrees of freedom: beyond 40 once in 100,000, and the same seed draws the same.
  expect(squares.reduce((total, square) => total + square, 0)).toBeLessThan(40);
});

test('most-headroom keeps requests that share a prompt together, without a chance being drawn', () => {
  const candidates = [having('a', 0.9), having('b', 0.8), having('c', 0.7)] as const;
  const names = new Set<string>();
  for (let key = 0; key < 50; key++) {
    const first = mostHeadroom.pick([...candidates], scriptedRandom(), () => key).backend.name;
    expect(mostHeadroom.pick([...candidates], scriptedRandom(), () => key).backend.name).toBe(first);
    names.add(first);
  }
  expect(names.size).toBe(3);
});

test('most-headroom lets a prompt go elsewhere when the one that had it has much less left than the others', () => {
  const key = 7;
  const equal = [having('a', 0.9), having('b', 0.9), having('c', 0.9)] as const;
  const home = mostHeadroom.pick([...equal], scriptedRandom(), () => key).backend.name;
  const [first, ...others] = equal.map((candidate) =>
    candidate.backend.name === home ? { ...candidate, headroom: 0.1 } : candidate,
  );
  expect(mostHeadroom.pick([first!, ...others], scriptedRandom(), () => key).backend.name).not.toBe(home);
});
