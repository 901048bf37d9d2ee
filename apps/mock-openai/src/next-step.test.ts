import { expect, test } from 'vitest';
import { nextStep, scriptStart } from './next-step.ts';
import type { Script } from './step.ts';

const throttle = { kind: 'throttle' } as const;
const hang = { kind: 'hang' } as const;

function play(script: Script, timesMs: readonly number[]): string[] {
  let position = scriptStart(0);
  return timesMs.map((nowMs) => {
    const next = nextStep(script, position, nowMs);
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
