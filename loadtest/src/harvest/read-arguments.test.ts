import { expect, test } from 'vitest';
import { readArguments } from './read-arguments.ts';

const runsOf = (args: readonly string[]) =>
  readArguments(args).runs.map(({ load, contestant }) => `${load} ${contestant.name}`);

test('without arguments all run at all loads, and the waiting room at the one that it is for', () => {
  const runs = runsOf([]);
  expect(runs).toHaveLength(16);
  expect(runs.filter((run) => run.includes('waiting-room'))).toEqual(['0.9 waiting-room']);
});

test.each([
  [['2', 'spillway'], ['2 spillway']],
  [['0.9'], ['0.9 spillway', '0.9 waiting-room', '0.9 apim-sample', '0.9 round-robin']],
  [['waiting-room'], ['0.9 waiting-room']],
  [['waiting-room', '1.5'], ['1.5 waiting-room']],
  [
    ['round-robin', 'spillway', '1', '1.0', '0.5'],
    ['1 spillway', '1 round-robin', '0.5 spillway', '0.5 round-robin'],
  ],
])('the arguments %j run the harvest %j', (args, expected) => {
  expect(runsOf(args)).toEqual(expected);
});

test('options change what a run is', () => {
  const { setup, svgFile } = readArguments([
    '--backends',
    'silent',
    '--time-scale',
    '1',
    '--seed',
    '7',
    '--minutes',
    '5',
    '--svg',
    'a.svg',
  ]);
  expect(setup).toEqual({ backends: 'silent', timeScale: 1, seed: 7, measuredMinutes: 5 });
  expect(svgFile).toMatch(/[/\\]a\.svg$/);
});

test('every problem is named at once, with what was found and what is allowed', () => {
  expect(() => readArguments(['9', 'nobody', '--seed', 'x', '--time-scale', '7', '--minutes', '0'])).toThrow(
    [
      '--seed is "x"; allowed: a whole number from 0 to 4294967295',
      '--minutes is "0"; allowed: a whole number from 1 to 60',
      '--time-scale is 7; allowed: one that divides 10 s into whole milliseconds',
      '"9"; allowed: loads from 0.1 to 5, spillway, waiting-room, apim-sample, round-robin',
      '"nobody"; allowed: loads from 0.1 to 5, spillway, waiting-room, apim-sample, round-robin',
    ].join('\n'),
  );
  expect(() => readArguments(['--sed', '1'])).toThrow("Unknown option '--sed'");
});
