import { expect, test } from 'vitest';
import type { QuotaSettings } from '../backend.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { QuotaGroups } from './quota-groups.ts';

const WINDOWS = { tokenWindowMs: 60_000, requestWindowMs: 10_000 };
const quotas = (entries: Record<string, QuotaSettings>) => new Map(Object.entries(entries));

test('each deployment of each backend has a quota of its own', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const groups = new QuotaGroups([a, b], WINDOWS);
  const found = [groups.groupOf(a, 'x'), groups.groupOf(a, 'y'), groups.groupOf(b, 'x')];
  expect(new Set(found.map(({ quota }) => quota)).size).toBe(3);
  expect(found.map(({ isShared }) => isShared)).toEqual([false, false, false]);
});

test('a deployment has the limits of its own, or else those of its backend', () => {
  const a = makeBackend('a', { quota: { tpm: 1000 }, quotas: quotas({ x: { tpm: 50 } }) });
  const groups = new QuotaGroups([a], WINDOWS);
  const limits = ['x', 'y'].map((name) => groups.groupOf(a, name).quota.headroomAt(0).limitTokens);
  expect(limits).toEqual([50, 1000]);
});

test('requests for no deployment spend nothing of any', () => {
  const a = makeBackend('a', { quota: { tpm: 1000, quotaGroup: 'shared' } });
  const group = new QuotaGroups([a], WINDOWS).groupOf(a, '');
  expect([group.isShared, group.quota.headroomAt(0).limitTokens]).toEqual([false, undefined]);
});

test('those of one group have one quota, whichever backend and deployment they are', () => {
  const a = makeBackend('a', { quotas: quotas({ x: { quotaGroup: 'east' }, y: { quotaGroup: 'west' } }) });
  const b = makeBackend('b', { quota: { quotaGroup: 'east' } });
  const groups = new QuotaGroups([a, b], WINDOWS);
  const east = groups.groupOf(a, 'x');
  expect(east.isShared).toBe(true);
  expect(groups.groupOf(b, 'z')).toBe(east);
  expect(groups.untouchedGroupOf(b, 'x')).toBe(east);
  expect(groups.groupOf(a, 'y')).not.toBe(east);
});

test('a group has each limit that any of its members says, and of two the first', () => {
  const a = makeBackend('a', { quotas: quotas({ x: { quotaGroup: 'east', tpm: undefined } }) });
  const b = makeBackend('b', { quota: { quotaGroup: 'east', tpm: 1000 } });
  const c = makeBackend('c', { quota: { quotaGroup: 'east', tpm: 5, rpm: 60 } });
  const { quota } = new QuotaGroups([a, b, c], WINDOWS).groupOf(a, 'x');
  expect(quota.headroomAt(0)).toMatchObject({ limitTokens: 1000, limitRequests: 10 });
});

test('deployments that nothing was sent to look alike, and make nothing to remember', () => {
  const a = makeBackend('a', { quota: { tpm: 1000 } });
  const groups = new QuotaGroups([a], WINDOWS);
  const untouched = groups.untouchedGroupOf(a, 'x');
  expect(groups.untouchedGroupOf(a, 'y')).toBe(untouched);
  expect(groups.groupOf(a, 'x')).not.toBe(untouched);
});
