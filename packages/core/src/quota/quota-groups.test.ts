import { expect, test } from 'vitest';
import type { QuotaSettings } from '../backend.ts';
import { makeBackend } from '../testing/make-backend.ts';
import { QuotaGroups } from './quota-groups.ts';

const WINDOWS = { tokenWindowMs: 60_000, requestWindowMs: 10_000 };
const quotas = (entries: Record<string, QuotaSettings>) => new Map(Object.entries(entries));

test('each deployment of each backend has a quota of its own', () => {
  const [a, b] = [makeBackend('a'), makeBackend('b')];
  const domains = new QuotaGroups([a, b], WINDOWS);
  const found = [domains.domainOf(a, 'x'), domains.domainOf(a, 'y'), domains.domainOf(b, 'x')];
  expect(new Set(found.map(({ quota }) => quota)).size).toBe(3);
  expect(found.map(({ isShared }) => isShared)).toEqual([false, false, false]);
});

test('a deployment has the limits of its own, or else those of its backend', () => {
  const a = makeBackend('a', { quota: { tpm: 1000 }, quotas: quotas({ x: { tpm: 50 } }) });
  const domains = new QuotaGroups([a], WINDOWS);
  const limits = ['x', 'y'].map((name) => domains.domainOf(a, name).quota.headroomAt(0).limitTokens);
  expect(limits).toEqual([50, 1000]);
});

test('requests for no deployment spend nothing of any', () => {
  const a = makeBackend('a', { quota: { tpm: 1000, quotaGroup: 'shared' } });
  const domain = new QuotaGroups([a], WINDOWS).domainOf(a, '');
  expect([domain.isShared, domain.quota.headroomAt(0).limitTokens]).toEqual([false, undefined]);
});

test('those of one group have one quota, whichever backend and deployment they are', () => {
  const a = makeBackend('a', { quotas: quotas({ x: { quotaGroup: 'east' }, y: { quotaGroup: 'west' } }) });
  const b = makeBackend('b', { quota: { quotaGroup: 'east' } });
  const domains = new QuotaGroups([a, b], WINDOWS);
  const east = domains.domainOf(a, 'x');
  expect(east.isShared).toBe(true);
  expect(domains.domainOf(b, 'z')).toBe(east);
  expect(domains.untouchedDomainOf(b, 'x')).toBe(east);
  expect(domains.domainOf(a, 'y')).not.toBe(east);
});

test('a group has each limit that any of its members says, and of two the first', () => {
  const a = makeBackend('a', { quotas: quotas({ x: { quotaGroup: 'east', tpm: undefined } }) });
  const b = makeBackend('b', { quota: { quotaGroup: 'east', tpm: 1000 } });
  const c = makeBackend('c', { quota: { quotaGroup: 'east', tpm: 5, rpm: 60 } });
  const { quota } = new QuotaGroups([a, b, c], WINDOWS).domainOf(a, 'x');
  expect(quota.headroomAt(0)).toMatchObject({ limitTokens: 1000, limitRequests: 10 });
});

test('deployments that nothing was sent to look alike, and make nothing to remember', () => {
  const a = makeBackend('a', { quota: { tpm: 1000 } });
  const domains = new QuotaGroups([a], WINDOWS);
  const untouched = domains.untouchedDomainOf(a, 'x');
  expect(domains.untouchedDomainOf(a, 'y')).toBe(untouched);
  expect(domains.domainOf(a, 'x')).not.toBe(untouched);
});
