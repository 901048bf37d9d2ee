import { expect, test } from 'vitest';
import { deploymentAt } from './backend.ts';
import { makeBackend } from './testing/make-backend.ts';

const deployments = new Map([['gpt-4o', 'gpt-4o-eu']]);
const spellings = new Map([
  ['gpt-4o', 'a'],
  ['GPT-4o', 'b'],
]);
const cases: [string, Parameters<typeof makeBackend>[1], string, string][] = [
  ['is the requested one when the backend maps nothing', {}, 'gpt-4o', 'gpt-4o'],
  ['is the mapped one when it is listed', { deployments }, 'gpt-4o', 'gpt-4o-eu'],
  ['is the mapped one in whatever capitals it is requested', { deployments }, 'GPT-4o', 'gpt-4o-eu'],
  [
    'is the mapped one rather than the only one in capitals',
    { deployment: 'x', deployments },
    'GPT-4O',
    'gpt-4o-eu',
  ],
  ['is that of the very spelling if several are listed', { deployments: spellings }, 'GPT-4o', 'b'],
  ['is that of the first spelling for any other', { deployments: spellings }, 'GPT-4O', 'a'],
  ['is the requested one when it is not listed', { deployments }, 'gpt-5', 'gpt-5'],
  ['is the only one of the backend', { deployment: 'only' }, 'gpt-4o', 'only'],
  ['is the mapped one rather than the only one', { deployment: 'only', deployments }, 'gpt-4o', 'gpt-4o-eu'],
  ['is the only one when it is not listed', { deployment: 'only', deployments }, 'gpt-5', 'only'],
  ['is the requested one under an empty map', { deployments: new Map() }, 'gpt-4o', 'gpt-4o'],
  ['is not found in the names of object members', { deployments }, 'constructor', 'constructor'],
];

test.each(cases)(
  'the name that a requested deployment has at a backend: %s',
  (_, different, requested, expected) => {
    expect(deploymentAt(makeBackend('a', different), requested)).toBe(expected);
  },
);

test('the name that a requested deployment has at a backend is mapped once: a mapped name is not looked up again', () => {
  const backend = makeBackend('a', {
    deployments: new Map([
      ['x', 'y'],
      ['y', 'z'],
    ]),
  });
  expect(deploymentAt(backend, 'x')).toBe('y');
});
