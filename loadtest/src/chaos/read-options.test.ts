import { expect, test } from 'vitest';
import { programs } from './programs/programs.ts';
import { readOptions } from './read-options.ts';

const read = (...args: string[]) => readOptions(args, programs);

test('without options every program runs whole, with the seed 1', () => {
  expect(read()).toMatchObject({ kind: 'options', options: { seed: 1, share: 1 }, programs });
});

test('the options choose the seed, the share, the programs, the Node binary and the gateway', () => {
  const options = [
    '--seed',
    '7',
    '--share=0.01',
    '--only',
    'slow,requests',
    '--node',
    '/n',
    '--gateway',
    '/g',
    '--case',
    '3',
  ];
  expect(read(...options)).toMatchObject({
    kind: 'options',
    options: { seed: 7, share: 0.01, node: '/n', gateway: '/g', onlyCase: 3 },
    programs: [{ name: 'requests' }, { name: 'slow' }],
  });
});

test.each([
  [['--sead=7'], /^there is no option "--sead"; the options are --seed, --share/],
  [['seven'], /^"seven" is no option/],
  [['--seed', 'x'], /^--seed: "x" is not a whole number from 0 to/],
  [['--seed'], /^--seed has no value/],
  [['--share', '0'], /^--share: "0" is not a number from/],
  [['--only', 'request'], /^--only: there is no program "request"; there are requests, answers/],
])('%j is wrong, and it is said why', (args, problem) => {
  expect(read(...args)).toEqual({ kind: 'wrong', problems: [expect.stringMatching(problem)] });
});
