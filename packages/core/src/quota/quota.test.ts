import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RateReport } from '../azure/quota-headers.ts';
import type { QuotaSettings } from '../backend.ts';
import { Quota } from './quota.ts';

const makeQuota = (settings: QuotaSettings = {}) =>
  new Quota(settings, { tokenWindowMs: 60_000, requestWindowMs: 10_000 });
const estimate = (tokens: number) => ({ promptTokens: tokens, outputTokens: 0 });
const report = (different: Partial<RateReport>): RateReport => ({
  limitTokens: undefined,
  remainingTokens: undefined,
  limitRequests: undefined,
  remainingRequests: undefined,
  utilization: undefined,
  ...different,
});
const hasRoom = (quota: Quota, tokens: number, nowMs: number, reserved = 0) => {
  const isRoom = quota.hasRoomAt(estimate(tokens), reserved, nowMs);
  expect(quota.recoversAtMs(estimate(tokens), reserved, nowMs) <= nowMs).toBe(isRoom);
  return isRoom;
};

test('a quota of which nothing is known has room for everything, and no share to tell', () => {
  const quota = makeQuota();
  quota.charge(estimate(1e9), 0);
  expect(hasRoom(quota, 1e9, 0)).toBe(true);
  expect(quota.shareAt(0)).toBeUndefined();
  expect(quota.headroomAt(0)).toEqual({
    share: undefined,
    limitTokens: undefined,
    remainingTokens: undefined,
    othersTokens: undefined,
    limitRequests: undefined,
    remainingRequests: undefined,
    utilization: undefined,
  });
});

test.each([
  ['which its own charge explains, however short the answer was', 300, 0],
  ['which its own charge does not explain', 100, 200],
])('a standard quota tells of what others have taken only %s', (_, remainingTokens, othersTokens) => {
  const quota = makeQuota();
  const charge = quota.charge({ promptTokens: 100, outputTokens: 600 }, 0);
  quota.observe(charge, report({ limitTokens: 1000, remainingTokens }), 500);
  quota.finish(charge, { promptTokens: 100, outputTokens: 5, cachedTokens: 0 }, 500);
  expect(quota.headroomAt(500)).toMatchObject({ remainingTokens, othersTokens });
});

test('a standard quota is charged the prompt and the longest answer, when an attempt begins', () => {
  const quota = makeQuota({ tpm: 1000 });
  quota.charge({ promptTokens: 100, outputTokens: 300 }, 0);
  expect(quota.headroomAt(0)).toMatchObject({ share: 0.6, limitTokens: 1000, remainingTokens: 600 });
});

test('a standard quota is left as it was by a request that was refused', () => {
  const quota = makeQuota({ tpm: 1000, rpm: 6 });
  const charge = quota.charge(estimate(900), 0);
  expect(hasRoom(quota, 200, 0)).toBe(false);
  quota.refund(charge, 10);
  expect(quota.headroomAt(10)).toMatchObject({ remainingTokens: 1000, remainingRequests: 1 });
  expect(hasRoom(quota, 1000, 10)).toBe(true);
});

test('a standard quota gets nothing back of an answer that was short, as Azure gives nothing back', () => {
  const quota = makeQuota({ tpm: 1000 });
  const charge = quota.charge({ promptTokens: 100, outputTokens: 800 }, 0);
  quota.finish(charge, { promptTokens: 100, outputTokens: 5, cachedTokens: 50 }, 1000);
  expect(quota.wantsUsage).toBe(false);
  expect(quota.headroomAt(1000).remainingTokens).toBe(100);
});

test('a standard quota has room when both its tokens and its requests have', () => {
  const quota = makeQuota({ tpm: 1000, rpm: 12 });
  quota.charge(estimate(10), 0);
  quota.charge(estimate(10), 1000);
  expect(hasRoom(quota, 10, 1000)).toBe(false);
  expect(hasRoom(quota, 10, 10_100)).toBe(true);
  expect(hasRoom(quota, 981, 12_000)).toBe(false);
  expect(hasRoom(quota, 980, 12_000)).toBe(true);
});

test('a standard quota has the lesser share of its tokens and its requests', () => {
  const quota = makeQuota({ tpm: 1000, rpm: 60 });
  quota.charge(estimate(100), 0);
  expect(quota.shareAt(0)).toBe(0.9);
  for (let request = 0; request < 4; request++) quota.charge(undefined, 0);
  expect(quota.shareAt(0)).toBe(0.5);
});

test('a standard quota keeps what is reserved, and has it for those it is reserved for', () => {
  const quota = makeQuota({ tpm: 1000 });
  quota.charge(estimate(600), 0);
  expect(hasRoom(quota, 200, 0, 0.3)).toBe(false);
  expect(hasRoom(quota, 200, 0, 0.1)).toBe(true);
  expect(hasRoom(quota, 400, 0)).toBe(true);
});

test.each<[string, number, number, boolean]>([
  ['asks for more than is left', 301, 300, true],
  ['asks for no more than is left', 300, 300, false],
  ['asks for more than the whole, of which half is free', 5000, 600, true],
])(
  'a standard quota explains why a request was refused that %s: %i of %i',
  (_, asked, remainingTokens, isExplained) => {
    const quota = makeQuota();
    const charge = quota.charge(estimate(asked), 0);
    quota.refund(charge, 10);
    quota.observe(charge, report({ limitTokens: 1000, remainingTokens }), 10);
    expect(quota.explainsRefusal(estimate(asked), 10)).toBe(isExplained);
  },
);

test('provisioned throughput is known by its configuration, or by what it tells', () => {
  expect(makeQuota({ tpm: 1000 }).isProvisioned).toBe(false);
  expect(makeQuota({ tpm: 1000, spillAt: 0.8 }).isProvisioned).toBe(true);
  const quota = makeQuota();
  quota.observe(quota.charge(estimate(10), 0), report({ utilization: 0.2 }), 10);
  expect([quota.isProvisioned, quota.wantsUsage]).toEqual([true, true]);
  expect(quota.headroomAt(10).utilization).toBeCloseTo(0.2);
});

test('provisioned throughput spills from the share on that is configured, or else when it is full', () => {
  const [early, late] = [makeQuota({ tpm: 1000, spillAt: 0.8 }), makeQuota({ tpm: 1000, spillAt: 1 })];
  for (const quota of [early, late]) quota.charge(estimate(850), 0);
  expect([early, late].map((quota) => quota.isSpillingAt(0))).toEqual([true, false]);
  expect(early.isSpillingAt(6000)).toBe(false);
});

test('provisioned throughput keeps the size that it has shown when its other settings change', () => {
  const quota = makeQuota({ spillAt: 0.9 });
  for (const utilization of [0.1, 0.3, 0.5]) {
    const charge = quota.charge(estimate(1000), 0);
    quota.observe(charge, report({ utilization }), 0);
  }
  quota.configure({ spillAt: 0.8 });
  quota.charge(estimate(1000), 0);
  expect(quota.shareAt(0)).toBeCloseTo(0.3, 2);
});

test('provisioned throughput has room until it is full, however large the request', () => {
  const quota = makeQuota({ tpm: 1000, spillAt: 0.8 });
  quota.charge(estimate(990), 0);
  expect(hasRoom(quota, 5000, 0)).toBe(true);
  quota.charge(estimate(5000), 0);
  expect(hasRoom(quota, 1, 0)).toBe(false);
  expect(quota.shareAt(0)).toBe(0);
});

test('provisioned throughput gets back what an answer did not take, and what was in the cache', () => {
  const quota = makeQuota({ tpm: 10_000, spillAt: 1 });
  const charge = quota.charge({ promptTokens: 4000, outputTokens: 1000 }, 0);
  expect(quota.shareAt(0)).toBeCloseTo(0.5);
  quota.finish(charge, { promptTokens: 4200, outputTokens: 100, cachedTokens: 3300 }, 0);
  expect(quota.shareAt(0)).toBeCloseTo(0.9);
});

test('provisioned throughput is corrected once by an answer that is told to have ended twice', () => {
  const quota = makeQuota({ tpm: 10_000, spillAt: 1 });
  const charge = quota.charge(estimate(5000), 0);
  const usage = { promptTokens: 3000, outputTokens: 0, cachedTokens: 0 };
  quota.finish(charge, usage, 0);
  quota.finish(charge, usage, 0);
  expect(quota.shareAt(0)).toBeCloseTo(0.7);
});

test('provisioned throughput gets everything back of a request that was refused', () => {
  const quota = makeQuota({ tpm: 10_000, spillAt: 1 });
  quota.refund(quota.charge(estimate(5000), 0), 0);
  expect(quota.shareAt(0)).toBe(1);
});

test('whatever happens, it has room now exactly when the first moment with room is now, and tells it up to any moment', () => {
  const event = fc.record({
    gapMs: fc.oneof(fc.nat(500), fc.nat(8000)),
    kind: fc.constantFrom('ask', 'ask', 'send', 'send', 'take', 'take', 'refuse', 'hear', 'finish'),
    tokens: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) },
      fc.integer({ min: 1, max: 1200 }),
    ),
    reserved: fc.constantFrom(0, 0.2, 0.5),
    told: fc.nat(1000),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 90 }),
      fc.boolean(),
      fc.boolean(),
      (events, isProvisioned, isKnown) => {
        const limits = isKnown ? { tpm: 1000, rpm: 24 } : {};
        const quota = makeQuota({ ...limits, spillAt: isProvisioned ? 0.9 : undefined });
        let nowMs = 0;
        for (const { gapMs, kind, tokens, reserved, told } of events) {
          nowMs += gapMs;
          const isRoom = quota.recoversAtMs(estimate(tokens), reserved, nowMs) <= nowMs;
          expect(quota.hasRoomAt(estimate(tokens), reserved, nowMs)).toBe(isRoom);
          const recoversAtMs = quota.recoversAtMs(estimate(tokens), reserved, nowMs);
          const atMostMs = nowMs + told * 60;
          expect(quota.recoversAtMs(estimate(tokens), reserved, nowMs, atMostMs)).toBeCloseTo(
            Math.min(recoversAtMs, atMostMs),
            6,
          );
          if (kind === 'ask') continue;
          const charge = quota.charge(estimate(tokens), nowMs);
          if (kind === 'take') quota.noteTaken(charge, nowMs);
          if (kind === 'refuse') {
            quota.refund(charge, nowMs);
            quota.noteRefused(charge, undefined, nowMs);
          }
          if (kind === 'hear' && isProvisioned)
            quota.observe(charge, report({ utilization: told / 800 }), nowMs);
          if (kind === 'hear' && !isProvisioned)
            quota.observe(charge, report({ limitTokens: 1000, remainingTokens: told }), nowMs);
          const usage = { promptTokens: told, outputTokens: 0, cachedTokens: 0 };
          if (kind === 'finish') quota.finish(charge, usage, nowMs);
        }
      },
    ),
  );
});

test('that nearly the whole has no room says nothing of more than the whole, which half of it is enough for', () => {
  const quota = makeQuota({ tpm: 1000 });
  quota.charge(estimate(450), 0);
  expect(quota.hasRoomAt(estimate(900), 0, 1)).toBe(false);
  expect(quota.hasRoomAt(estimate(1001), 0, 1)).toBe(true);
});
