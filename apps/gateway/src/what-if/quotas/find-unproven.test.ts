import type { Backend } from '@spillway/core';
import { expect, test } from 'vitest';
import { loggedAt } from '../../../test/testing/logged-request.ts';
import { findUnproven } from './find-unproven.ts';

const backend = (different: Partial<Backend> = {}): Backend => ({
  name: 'east',
  priority: 1,
  weight: 1,
  ...different,
});
const refused = { attempts: [{ backend: 'east', outcome: 'unavailable', status: 404, ms: 5 }], status: 404 };
const elsewhere = { attempts: [{ backend: 'west', outcome: 'succeeded', status: 200, ms: 5 }] };
const log = [
  loggedAt(0, { deployment: 'gpt-4o' }),
  loggedAt(1, { deployment: 'o9', ...refused }),
  loggedAt(2, { deployment: 'gpt-5', ...elsewhere }),
  loggedAt(3, { deployment: 'gpt-5', ...elsewhere }),
];

test('what a backend has served in the log it has; the most wanted of all others comes first', () => {
  expect(findUnproven([backend()], log)).toEqual([
    { deployment: 'gpt-5', requests: 2 },
    { deployment: 'o9', requests: 1 },
  ]);
});

test.each<[string, Backend[]]>([
  ['the backends that served it', [backend(), backend({ name: 'west' })]],
  ['its name at one', [backend({ deployments: new Map([['gpt-5', 'five']]) })]],
  ['a quota of its own', [backend({ quotas: new Map([['gpt-5', { tpm: 1 }]]) })]],
])('a configuration that has %s is not asked where the deployment is', (_, backends) => {
  expect(findUnproven(backends, log)).toEqual([{ deployment: 'o9', requests: 1 }]);
});

test('where all requests go to one deployment of a backend, none is missing', () => {
  expect(findUnproven([backend({ deployment: 'the-only-one' })], log)).toEqual([]);
});

test('backends that are not in the log, and name nothing, are known to have nothing', () => {
  expect(findUnproven([backend({ name: 'new', quota: { tpm: 1000 } })], log)).toHaveLength(3);
});
