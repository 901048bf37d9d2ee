import { strategies } from '@spillway/core';
import { expect, test } from 'vitest';
import { backendKinds } from './backends/backend-kinds.ts';
import { readOptions } from './read-options.ts';

const everyPolicy = [...Object.keys(strategies), 'apim-sample'];

test('without options it is an hour of 50 backends and 100 replicas at 1 x, under every policy', () => {
  expect(readOptions([])).toEqual({
    kind: 'options',
    settings: { kind: 'azure', backends: 50, replicas: 100, durationMs: 3_600_000, load: 1, seed: 1 },
    policies: everyPolicy,
  });
});

test('the command line of the simulation reads every option, with a space or an equals sign', () => {
  const args =
    '--backends 3 --replicas=4 --minutes 2 --load 0.9 --seed=0 --kind shared --policy apim-sample,round-robin';
  expect(readOptions(args.split(' '))).toEqual({
    kind: 'options',
    settings: { kind: 'shared', backends: 3, replicas: 4, durationMs: 120_000, load: 0.9, seed: 0 },
    policies: ['apim-sample', 'round-robin'],
  });
});

test.each([
  ['--backends 0', '--backends: "0" is not a whole number from 1 to 1000'],
  ['--replicas many', '--replicas: "many" is not a whole number from 1 to 1000'],
  ['--minutes 1.5', '--minutes: "1.5" is not a whole number from 1 to 1440'],
  ['--load 11', '--load: "11" is not a number from 0.1 to 10'],
  ['--load=', '--load: "" is not a number from 0.1 to 10'],
  ['--seed -1', '--seed: "-1" is not a whole number from 0 to 4294967295'],
  ['--seed', '--seed: nothing is not a whole number from 0 to 4294967295'],
  ['--policy luck', `--policy: there is no policy "luck"; there are ${everyPolicy.join(', ')}`],
  ['--kind luck', `--kind: there is no kind "luck"; there are ${[...backendKinds.keys()].join(', ')}`],
  [
    '--luck=1',
    'there is no option "--luck"; the options are --backends, --replicas, --minutes, --load, --seed, --kind, --policy',
  ],
  [
    'now',
    '"now" is no option; the options are --backends, --replicas, --minutes, --load, --seed, --kind, --policy',
  ],
])('%s: says what is allowed', (args, problem) => {
  expect(readOptions(args.split(' '))).toEqual({ kind: 'wrong', problems: [problem] });
});

test('the command line of the simulation names all problems at once', () => {
  const result = readOptions('--backends 0 --load 0 --policy luck'.split(' '));
  expect(result.kind === 'wrong' && result.problems).toHaveLength(3);
});
