import type { Backend } from '@spillway/core';
import { expect, test } from 'vitest';
import { DeploymentNames, withUnnamed } from './deployment-names.ts';

const backend = (different: Partial<Backend>): Backend => ({
  name: 'a',
  priority: 1,
  weight: 1,
  ...different,
});
const map = (names: Record<string, string>) => new Map(Object.entries(names));
const quotas = (...names: string[]) => new Map(names.map((name) => [name, {}]));

test.each<[string, Partial<Backend>, string[], string[]]>([
  ['nothing', {}, [], []],
  ['what clients call them', { deployments: map({ x: 'x-eu', y: 'y' }) }, ['x', 'y'], ['x-eu', 'y']],
  ['quotas of some', { quotas: quotas('x', 'y') }, ['x', 'y'], ['x', 'y']],
  [
    'quotas by other names',
    { deployments: map({ x: 'x-eu' }), quotas: quotas('x-eu', 'z') },
    ['x'],
    ['x-eu', 'z'],
  ],
  ['one for all', { deployment: 'spare' }, ['spare'], ['spare']],
])('the names of a backend that says %s are known', (_, different, requested, at) => {
  const names = new DeploymentNames([backend(different)]);
  expect(names.requested).toEqual(requested);
  expect(names.at(backend(different))).toEqual(at);
  for (const name of [...requested, ...at]) expect(names.labelOf(name, false)).toBe(name);
});

test('a name that the configuration does not know is a label once a backend has served it', () => {
  const names = new DeploymentNames([backend({})]);
  expect(names.labelOf('x', false)).toBe('other');
  expect(names.labelOf('x', true)).toBe('x');
  expect(names.labelOf('x', false)).toBe('x');
  expect(names.labelOf('', true)).toBe('none');
  expect(names.labelOf('x'.repeat(64), true)).toBe('x'.repeat(64));
  expect(names.labelOf('x'.repeat(65), true)).toBe('other');
});

test('all spellings of a name are one label, that which was known first', () => {
  const names = new DeploymentNames([backend({ deployments: map({ 'GPT-4o': 'x' }) })]);
  expect(names.labelOf('gpt-4o', true)).toBe('GPT-4o');
  expect(names.labelOf('o3-Mini', true)).toBe('o3-Mini');
  expect(names.labelOf('O3-MINI', true)).toBe('o3-Mini');
  for (let number = 0; number < 200; number++) names.labelOf(`x${number}`, true);
  expect(names.labelOf('o3-mini', false)).toBe('o3-Mini');
});

test('what the configuration names elsewhere is a label, however many names have been learned', () => {
  const names = new DeploymentNames([backend({})]);
  names.allow(['o3']);
  for (let number = 0; number < 200; number++) names.labelOf(`x${number}`, true);
  expect(names.labelOf('o3', false)).toBe('o3');
});

test('no more than fifty names are learned', () => {
  const names = new DeploymentNames([backend({ deployments: map({ x: 'x' }) })]);
  const labels = Array.from({ length: 200 }, (_, number) => names.labelOf(`x${number}`, true));
  expect(new Set(labels).size).toBe(51);
  expect(names.labelOf('x', false)).toBe('x');
});

test('requests for no deployment, and for names that nobody knows, have their series as well', () => {
  expect(withUnnamed(['x'])).toEqual(['x', '', 'other']);
});
