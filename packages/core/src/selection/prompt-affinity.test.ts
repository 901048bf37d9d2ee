import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { seededRandom } from '../testing/make-random.ts';
import { preferredByPrompt } from './prompt-affinity.ts';
import type { Candidate } from './strategy.ts';

const candidate = (name: string, headroom: number | undefined = undefined, inFlight = 0): Candidate => ({
  backend: makeBackend(name),
  inFlight,
  lastPick: 0,
  headroom,
});
const nameOf = (candidates: readonly Candidate[], key: number) =>
  preferredByPrompt(candidates, key)?.backend.name;

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 8 });
const key = fc.integer();

test('the same prompt belongs to the same backend, in whichever order they come', () => {
  fc.assert(
    fc.property(names, key, (some, key) => {
      const candidates = some.map((name) => candidate(name));
      expect(nameOf(candidates.toReversed(), key)).toBe(nameOf(candidates, key));
    }),
  );
});

test('when a backend is away, only the prompts that belonged to it move', () => {
  fc.assert(
    fc.property(names, key, fc.nat(), (some, key, pick) => {
      const candidates = some.map((name) => candidate(name));
      const home = nameOf(candidates, key);
      const away = some[pick % some.length];
      const left = candidates.filter(({ backend }) => backend.name !== away);
      const names = left.map(({ backend }) => backend.name);
      expect(home === away ? names : [home]).toContain(nameOf(left, key));
    }),
  );
});

test.each<[string, string[], (index: number) => number]>([
  ['numbers in a row', ['a', 'b', 'c'], (index) => index],
  ['random numbers', ['a', 'b', 'c'], () => 0],
  ['long names that differ at the end', ['openai-sweden-1', 'openai-sweden-2', 'openai-sweden-3'], () => 0],
  ['names that differ at the beginning', ['east.openai', 'west.openai', 'north.openai', 's.openai'], () => 0],
  ['multiples of 65536', ['a', 'b', 'c', 'd', 'e'], (index) => index * 65_536],
])('prompts spread evenly: %s', (_, some, keyOf) => {
  const KEYS = 3000;
  const random = seededRandom(1);
  const candidates = some.map((name) => candidate(name));
  const counts = new Map<string | undefined, number>();
  for (let index = 0; index < KEYS; index++) {
    const key = keyOf(index) || Math.floor(random() * 2 ** 32) | 0;
    const name = nameOf(candidates, key);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const expected = KEYS / some.length;
  const squares = some.map((name) => ((counts.get(name) ?? 0) - expected) ** 2 / expected);
  // Chi-square with at most four degrees of freedom: beyond 30 once in 200,000.
  expect(squares.reduce((sum, square) => sum + square, 0)).toBeLessThan(30);
});

test('prompts of one that is away spread over all the others', () => {
  const candidates = ['a', 'b', 'c', 'd'].map((name) => candidate(name));
  const heirs = new Set<string | undefined>();
  for (let key = 0; key < 200; key++) {
    if (nameOf(candidates, key) === 'a') heirs.add(nameOf(candidates.slice(1), key));
  }
  expect(heirs).toEqual(new Set(['b', 'c', 'd']));
});

test.each<[string, Candidate[], string[]]>([
  ['all the same', [candidate('a', 0.2), candidate('b', 0.2)], ['a', 'b']],
  ['little in use', [candidate('a', 0.5), candidate('b', 1), candidate('c', 1)], ['a', 'b', 'c']],
  [
    'much less left than the others have',
    [candidate('a', 0.3), candidate('b', 0.9), candidate('c', 0.9)],
    ['b', 'c'],
  ],
  [
    'a little less left than the others have',
    [candidate('a', 0.2), candidate('b', 0.3), candidate('c', 0.3)],
    ['a', 'b', 'c'],
  ],
  ['few in flight', [candidate('a', undefined, 15), candidate('b')], ['a', 'b']],
  ['many more in flight than the others', [candidate('a', undefined, 16), candidate('b')], ['b']],
  ['many in flight everywhere', [candidate('a', undefined, 100), candidate('b', undefined, 100)], ['a', 'b']],
])('may belong to, with %s', (_, candidates, expected) => {
  const owners = new Set<string | undefined>();
  for (let key = 0; key < 200; key++) owners.add(nameOf(candidates, key));
  expect(owners).toEqual(new Set(expected));
});

test('whatever they have left or in flight, a prompt belongs to one of them', () => {
  const loads = fc.array(
    fc.record({ headroom: fc.double({ min: 0, max: 1, noNaN: true }), inFlight: fc.nat(1000) }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(loads, fc.boolean(), key, (some, isKnown, key) => {
      const candidates = some.map(({ headroom, inFlight }, index) =>
        candidate(String(index), isKnown ? headroom : undefined, inFlight),
      );
      expect(candidates).toContain(preferredByPrompt(candidates, key));
    }),
  );
});
