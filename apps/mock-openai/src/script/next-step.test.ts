import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { nextStep, scriptStart } from './next-step.ts';
import type { Script } from './step.ts';

const throttle = { kind: 'throttle' } as const;
const hang = { kind: 'hang' } as const;

function play(script: Script, timesMs: readonly number[], random = seeded(1)): string[] {
  let position = scriptStart(0);
  return timesMs.map((nowMs) => {
    const next = nextStep(script, position, nowMs, random);
    position = next.position;
    return next.step.kind;
  });
}

const cases: [string, Script, number[], string[]][] = [
  ['an empty script is ok', [], [0, 1], ['ok', 'ok']],
  ['a step without a length applies always', [hang], [0, 1e9], ['hang', 'hang']],
  [
    'a count is used up by requests, whenever they come',
    [{ ...hang, times: 2 }],
    [0, 1e6, 1e6],
    ['hang', 'hang', 'ok'],
  ],
  ['a time ends when it is over', [{ ...hang, forMs: 100 }], [0, 99.9, 100], ['hang', 'hang', 'ok']],
  [
    'a time begins when the count before it is used up',
    [
      { ...hang, times: 1 },
      { ...throttle, forMs: 100 },
    ],
    [500, 599, 600],
    ['hang', 'throttle', 'ok'],
  ],
  [
    'a time that follows a time begins when that one ended, even if no request came',
    [
      { ...hang, forMs: 100 },
      { ...throttle, forMs: 100 },
    ],
    [150, 199, 200],
    ['throttle', 'throttle', 'ok'],
  ],
  [
    'times that passed without a request are passed over together',
    [
      { ...hang, forMs: 100 },
      { ...throttle, forMs: 100 },
    ],
    [5000],
    ['ok'],
  ],
  [
    'a count that follows a time waits for its requests',
    [{ ...hang, forMs: 100 }, { ...throttle, times: 1 }, hang],
    [5000, 5000],
    ['throttle', 'hang'],
  ],
  [
    'counts follow one another',
    [{ ...hang, times: 1 }, { ...throttle, times: 2 }, { kind: 'ok' }],
    [0, 0, 0, 0],
    ['hang', 'throttle', 'throttle', 'ok'],
  ],
];

test.each(cases)('%s', (_, script, timesMs, kinds) => {
  expect(play(script, timesMs)).toEqual(kinds);
});

/** Draws these numbers one after the other. */
function drawing(...numbers: number[]): () => number {
  return () => {
    const next = numbers.shift();
    if (next === undefined) throw new Error('draws more often than it should');
    return next;
  };
}

const requests = (count: number) => Array.from({ length: count }, () => 0);
const often = { ...throttle, chance: 0.5 };

const chances: [string, Script, number[], number[], string[]][] = [
  ['a chance takes its share, the rest get ok', [often], [0, 0], [0.49, 0.5], ['throttle', 'ok']],
  [
    'a chance takes its share of what follows it, and uses up no count of it',
    [often, { ...hang, times: 1 }],
    [0, 0, 0],
    [0.1, 0.9, 0.9],
    ['throttle', 'hang', 'ok'],
  ],
  [
    'a chance is not drawn before it is reached',
    [{ ...hang, times: 1 }, often],
    [0, 0],
    [0.1],
    ['hang', 'throttle'],
  ],
  [
    'of two chances the later is drawn where the former misses',
    [often, { ...hang, chance: 0.2 }],
    [0, 0, 0],
    [0.1, 0.9, 0.1, 0.9, 0.9],
    ['throttle', 'hang', 'ok'],
  ],
  [
    'a chance with a count ends when it was drawn so often',
    [{ ...often, times: 2 }],
    [0, 0, 0],
    [0.9, 0.1],
    ['ok', 'throttle', 'ok'],
  ],
  [
    'a chance with a time ends when it is over, and what follows it does not wait',
    [
      { ...often, forMs: 100 },
      { ...hang, forMs: 150 },
    ],
    [0, 99, 100, 150],
    [0.1, 0.9],
    ['throttle', 'hang', 'hang', 'ok'],
  ],
];

test.each(chances)('%s', (_, script, timesMs, numbers, kinds) => {
  expect(play(script, timesMs, drawing(...numbers))).toEqual(kinds);
});

test('the same seed takes the same requests', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.01, max: 1, noNaN: true }), (seed, chance) => {
      const script: Script = [{ ...hang, chance }, often];
      expect(play(script, requests(50), seeded(seed))).toEqual(play(script, requests(50), seeded(seed)));
    }),
  );
});

test('a chance is met in the long run, whatever the seed', () => {
  const count = 4000;
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.01, max: 1, noNaN: true }), (seed, chance) => {
      const kinds = play([{ ...hang, chance }], requests(count), seeded(seed));
      const rate = kinds.filter((kind) => kind === 'hang').length / count;
      // Six standard deviations of a binomial: exceeded by chance in one run in 10^9.
      expect(Math.abs(rate - chance)).toBeLessThanOrEqual(
        6 * Math.sqrt((chance * (1 - chance)) / count) + 1 / count,
      );
    }),
    { numRuns: 50 },
  );
});
