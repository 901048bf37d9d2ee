import type { Backend } from '@spillway/core';
import { expect, test } from 'vitest';
import { loggedAt } from '../../../test/testing/logged-request.ts';
import { findQuotas, quotaNameOf } from './find-quotas.ts';
import type { GivenQuota } from './quota-truth.ts';

const backend = (name: string, different: Partial<Backend> = {}): Backend => ({
  name,
  priority: 1,
  weight: 1,
  ...different,
});

const by = (name: string, outcome = 'succeeded') => ({ attempts: [{ backend: name, outcome, ms: 1 }] });
const short = { attempts: [], cause: 'throttled' };

/** Three requests of 100 tokens within a minute, and one more after it. */
const served = [0, 30_000, 59_999, 90_000].map((atMs) => loggedAt(atMs, by('east')));

function find(
  backends: readonly Backend[],
  requests = served,
  given: ReadonlyMap<string, GivenQuota> = new Map(),
) {
  return [...findQuotas({ backends, requests, given }).values()].map(
    ({ name, tpm, rpm, source, isProvisioned }) =>
      `${name}: ${tpm}, ${rpm}, ${source}${isProvisioned ? ', PTU' : ''}`,
  );
}

test('a quota that the file states is that', () => {
  expect(find([backend('east', { quota: { tpm: 500, rpm: 6 } })])).toEqual([
    'east for gpt-4o: 500, 6, stated',
  ]);
  expect(find([backend('east', { quota: { tpm: 500, spillAt: 0.9 } })])).toEqual([
    'east for gpt-4o: 500, Infinity, stated, PTU',
  ]);
});

test('what the command line says counts instead of what the file says', () => {
  const stated = [backend('east', { quota: { tpm: 500, rpm: 6 } })];
  expect(find(stated, served, new Map([['east', { tpm: 700, rpm: undefined }]]))).toEqual([
    'east for gpt-4o: 700, 6, given',
  ]);
  expect(find(stated, served, new Map([['east', { tpm: Infinity, rpm: 9 }]]))).toEqual([
    'east for gpt-4o: Infinity, 9, given',
  ]);
});

test.each([
  ['a client was refused', [...served, loggedAt(95_000, short)], 300],
  ['a client waited', [...served, loggedAt(95_000, { ...by('east'), waitedMs: 5 })], 300],
  ['the backend refused', [...served, loggedAt(95_000, by('east', 'throttled'))], 300],
])('a quota that nobody states is the most it served in a minute, if %s', (_, requests, tpm) => {
  expect(find([backend('east')], requests)).toEqual([`east for gpt-4o: ${tpm}, Infinity, learned`]);
});

test('a client that was refused at the fallback for its spent budget shows that the fallback ran out of quota, and nothing else', () => {
  const spent = { deployment: 'mini', fallbackFrom: 'gpt-4o', fallbackCause: 'budget', fallbackAfter: 0 };
  const ofMini = loggedAt(0, { ...by('east'), deployment: 'mini' });
  expect(find([backend('east')], [...served, ofMini, loggedAt(95_000, { ...short, ...spent })])).toEqual([
    'east for gpt-4o: Infinity, Infinity, unlimited',
    'east for mini: 100, Infinity, learned',
  ]);
});

test('a quota that nobody states is learned if requests went on to a later priority', () => {
  const requests = [...served, loggedAt(95_000, by('west'))];
  expect(find([backend('east'), backend('west', { priority: 2 })], requests)).toEqual([
    'east for gpt-4o: 300, Infinity, learned',
    'west for gpt-4o: Infinity, Infinity, unlimited',
  ]);
});

test('a quota that nobody states has no limit if the log never shows it full', () => {
  expect(find([backend('east')])).toEqual(['east for gpt-4o: Infinity, Infinity, unlimited']);
});

test('quotas of which nothing is known are named, all at once, with what to say', () => {
  expect(() => find([backend('east'), backend('north'), backend('west')])).toThrow(
    'the quota of north for gpt-4o, west for gpt-4o is unknown: the file does not say it, and no request in the log was served ' +
      'there. Say `tpm` in the file, or --quota name=tpm[,rpm], or --quota name=none',
  );
});

test('deployments and backends of a quota group share the one quota that one of them states', () => {
  const group = { quotaGroup: 'one' };
  const members = [
    backend('east', { quota: group }),
    backend('west', { quota: { ...group, tpm: 500, rpm: 60 } }),
  ];
  const requests = [...served, loggedAt(100_000, by('west'))];
  expect(find(members, requests)).toEqual(['group one: 500, 60, stated']);
});

test('a quota is that of the deployment that the request has at the backend', () => {
  const mapped = backend('east', {
    deployments: new Map([['gpt-4o', 'mine']]),
    quotas: new Map([['mine', { tpm: 5 }]]),
  });
  expect(quotaNameOf(mapped, 'gpt-4o')).toBe('east for mine');
  expect(find([mapped])).toEqual(['east for mine: 5, Infinity, stated']);
});
