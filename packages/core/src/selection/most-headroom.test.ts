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

test.each<[string, [Candidate, ...Candidate[]], number[], string]>([
  ['the only one', [having('a', 0)], [], 'a'],
  ['the one of two that has more', [having('a', 0.2), having('b', 0.3)], [0, 0], 'b'],
  [
    'the one of two that has more, asked the other way round',
    [having('a', 0.2), having('b', 0.3)],
    [0.9, 0],
    'b',
  ],
  ['the better of the two it looks at', [having('a', 0.2), having('b', 0.3), having('c', 0.9)], [0, 0], 'b'],
  ['another two', [having('a', 0.2), having('b', 0.3), having('c', 0.9)], [0, 0.9], 'c'],
  ['equals by weight', [having('a', 0.5, 1), having('b', 0.5, 3)], [0, 0, 0.3], 'b'],
  ['by weight where one is not known', [having('a', 0.9, 1), having('b', undefined, 3)], [0, 0, 0.3], 'b'],
  [
    'by weight of all where one of the two is not known',
    [having('a', 0.9), having('b', undefined), having('c', 0.1)],
    [0, 0, 0.9],
    'c',
  ],
  [
    'the better of the two it looks at, whatever is not known of others',
    [having('a', 0.9), having('b', undefined), having('c', 0.1)],
    [0, 0.9],
    'a',
  ],
])('takes %s', (_, candidates, chances, expected) => {
  expect(mostHeadroom.pick(candidates, scriptedRandom(...chances)).backend.name).toBe(expected);
});

test('looks at every pair equally often, never at one twice', () => {
  const PICKS = 6000;
  const candidates = [having('a', 0.4), having('b', 0.3), having('c', 0.2), having('d', 0.1)] as const;
  const random = seededRandom(1);
  const picks = new Map<string, number>();
  for (let pick = 0; pick < PICKS; pick++) {
    const { name } = mostHeadroom.pick([...candidates], random).backend;
    picks.set(name, (picks.get(name) ?? 0) + 1);
  }
  // Of six pairs, a is the better of three, b of two, c of one; d would only win against itself.
  expect(picks.get('d')).toBeUndefined();
  for (const [name, share] of [
    ['a', 3 / 6],
    ['b', 2 / 6],
    ['c', 1 / 6],
  ] as const) {
    expect(Math.abs((picks.get(name) ?? 0) / PICKS - share)).toBeLessThan(6 * Math.sqrt(share / PICKS));
  }
});

test('keeps requests that share a prompt together, without a chance being drawn', () => {
  const candidates = [having('a', 0.9), having('b', 0.8), having('c', 0.7)] as const;
  const names = new Set<string>();
  for (let key = 0; key < 50; key++) {
    const first = mostHeadroom.pick([...candidates], scriptedRandom(), () => key).backend.name;
    expect(mostHeadroom.pick([...candidates], scriptedRandom(), () => key).backend.name).toBe(first);
    names.add(first);
  }
  expect(names.size).toBe(3);
});

test('lets a prompt go elsewhere when the one that had it has much less left than the others', () => {
  const key = 7;
  const equal = [having('a', 0.9), having('b', 0.9), having('c', 0.9)] as const;
  const home = mostHeadroom.pick([...equal], scriptedRandom(), () => key).backend.name;
  const [first, ...others] = equal.map((candidate) =>
    candidate.backend.name === home ? { ...candidate, headroom: 0.1 } : candidate,
  );
  expect(mostHeadroom.pick([first!, ...others], scriptedRandom(), () => key).backend.name).not.toBe(home);
});
