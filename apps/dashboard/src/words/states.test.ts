import { expect, test } from 'vitest';
import { makeSnapshot } from '../testing/make-snapshot.ts';
import { describeEvent, describeStanding, standingOf } from './states.ts';

test.each([
  [{ state: 'available' }, 'available', ''],
  [{ state: 'throttled', why: '429', recoversInMs: 12_000 }, 'throttled', '429, back in 0:12'],
  [{ state: 'cooling', why: 'connection refused' }, 'cooling', 'connection refused'],
  [{ state: 'full', recoversInMs: 3000 }, 'full: spills', 'room in 0:03'],
  [{ state: 'probing' }, 'probing', 'few requests at first'],
  [{ state: 'draining' }, 'drained', 'taken out by an operator'],
] as const)('a standing of %j is told in words', (standing, word, detail) => {
  expect(describeStanding(standing)).toEqual({ state: standing.state, word, detail });
});

test('a state that only later gateways know is told as it is', () => {
  const later = { state: 'ejected' as 'cooling', why: '500', recoversInMs: 3000 };
  expect(describeStanding(later)).toEqual({
    state: 'ejected',
    word: 'ejected',
    detail: '500, back in 0:03',
  });
});

test.each([
  [{ from: 'available', to: 'throttled', why: '429' }, 'eastus is throttled: 429'],
  [{ from: 'throttled', to: 'available' }, 'eastus is back'],
  [{ from: 'draining', to: 'available' }, 'eastus is no longer drained'],
  [{ from: 'available', to: 'full', deployment: 'gpt-4o' }, 'gpt-4o at eastus is full: spills'],
] as const)('a change %j is told in a sentence', (change, text) => {
  expect(describeEvent({ agoMs: 0, backend: 'eastus', ...change })).toBe(text);
});

const [mixed, alike] = makeSnapshot({
  backends: [
    { name: 'mixed', deployments: [{ name: 'gpt-4o', state: 'throttled' }, { name: 'o3' }] },
    {
      name: 'alike',
      deployments: [
        { name: 'gpt-4o', state: 'throttled', recoversInMs: 9000 },
        { name: 'o3', state: 'throttled', recoversInMs: 4000 },
      ],
    },
  ],
}).backends;

test('a backend of which one deployment is throttled is available as a whole', () => {
  expect(standingOf(mixed!, undefined).state).toBe('available');
  expect(standingOf(mixed!, 'gpt-4o').state).toBe('throttled');
  expect(standingOf(mixed!, 'o3').state).toBe('available');
});

test('a backend whose deployments are all throttled is back with the first of them', () => {
  expect(standingOf(alike!, undefined)).toMatchObject({ state: 'throttled', recoversInMs: 4000 });
});

test.each([
  ['some take requests', { taking: 2 }, 'available'],
  ['none takes requests', { taking: 0 }, 'throttled'],
  ['nothing is told', undefined, 'available'],
] as const)('a backend whose shown deployments are all out, and of whose others %s', (_, others, state) => {
  const [backend] = makeSnapshot({
    backends: [
      {
        name: 'many',
        deployments: [{ name: 'gpt-4o', state: 'throttled' }],
        deploymentsLeftOut: 20,
        ...(others !== undefined && { notShown: others }),
      },
    ],
  }).backends;
  expect(standingOf(backend!, undefined).state).toBe(state);
  expect(standingOf(backend!, 'GPT-4o').state).toBe('throttled');
});
