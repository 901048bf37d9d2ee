import { array, assert, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { chargedTokens } from '../call.ts';
import { StandardLedger } from './standard-ledger.ts';

test('charges on arrival what a call may take, for a minute, whatever it takes in the end', () => {
  const ledger = new StandardLedger({ tpm: 150, rpm: 60 });
  ledger.charge(makeCall(), 0);
  ledger.finish();
  expect([0, 59_999, 60_000].map((nowMs) => ledger.hasRoom(makeCall(), nowMs))).toEqual([false, false, true]);
  expect(ledger.servedTokens).toBe(100);
});

test('a simulated standard quota answers a refusal with whole seconds, the later of its two limits', () => {
  const ledger = new StandardLedger({ tpm: 250, rpm: 6 });
  ledger.charge(makeCall(), 0);
  expect(ledger.describe(makeCall(), 500)('retry-after')).toBe('10');
  expect(ledger.describe(makeCall(), 500)('policy-id')).toBe('DeploymentRatelimit-Call');
  ledger.charge(makeCall(), 10_000);
  expect(ledger.describe(makeCall(), 10_100)('policy-id')).toBe('DeploymentRatelimit-Token');
  expect(ledger.describe(makeCall(), 10_100)('retry-after')).toBe('50');
  expect(ledger.describe(makeCall({ promptTokens: 1000 }), 10_100)('retry-after')).toBe('60');
  expect(ledger.describe(undefined, 10_100)('retry-after')).toBeUndefined();
});

test('a simulated standard quota tells its limits and what is left of them, as it was when it was asked', () => {
  const ledger = new StandardLedger({ tpm: 1000, rpm: 60 });
  ledger.charge(makeCall(), 0);
  const header = ledger.describe(undefined, 0);
  ledger.charge(makeCall(), 1);
  const names = ['limit-tokens', 'remaining-tokens', 'limit-requests', 'remaining-requests'];
  expect(names.map((name) => header(`x-ratelimit-${name}`))).toEqual(['1000', '900', '60', '59']);
  expect(header('x-ms-region')).toBeUndefined();
});

const arrivals = array(record({ tokens: integer({ min: 1, max: 400 }), gapMs: nat(6000) }), {
  maxLength: 100,
});

test('a simulated standard quota takes whatever fits, and never more than its limits in any minute and any ten seconds', () => {
  assert(
    property(arrivals, (all) => {
      const ledger = new StandardLedger({ tpm: 1000, rpm: 24 });
      const taken: { atMs: number; tokens: number }[] = [];
      let nowMs = 0;
      for (const { tokens, gapMs } of all) {
        nowMs += gapMs;
        const call = makeCall({ promptTokens: tokens - 1, maxTokens: 1 });
        const minute = taken.filter(({ atMs }) => atMs > nowMs - 60_000);
        const used = minute.reduce((sum, charge) => sum + charge.tokens, 0);
        const recent = taken.filter(({ atMs }) => atMs > nowMs - 10_000).length;
        expect(ledger.hasRoom(call, nowMs)).toBe(used + chargedTokens(call) <= 1000 && recent + 1 <= 4);
        if (!ledger.hasRoom(call, nowMs)) continue;
        ledger.charge(call, nowMs);
        taken.push({ atMs: nowMs, tokens });
      }
      expect(ledger.servedTokens).toBe(taken.reduce((sum, { tokens }) => sum + tokens, 0));
      expect(ledger.servedTokens).toBeLessThanOrEqual(ledger.allowedTokens(nowMs + 1));
    }),
  );
});

test('a simulated quota that tells nothing has Retry-After on its refusals alone, or what it says instead of the wait', () => {
  const [plain, odd] = [
    new StandardLedger({ tpm: 100, rpm: 60, isTold: false }),
    new StandardLedger({ tpm: 100, isTold: false, tellWait: () => 86_400 }),
  ];
  for (const ledger of [plain, odd]) ledger.charge(makeCall(), 0);
  expect(plain.describe(undefined, 0)('x-ratelimit-remaining-tokens')).toBeUndefined();
  expect(plain.describe(makeCall(), 500)('x-ratelimit-remaining-tokens')).toBeUndefined();
  expect([plain, odd].map((ledger) => ledger.describe(makeCall(), 500)('retry-after'))).toEqual([
    '60',
    '86400',
  ]);
});

test('a simulated quota counts requests in the window that it is given', () => {
  const ledger = new StandardLedger({ rpm: 60, requestWindowMs: 1000 });
  ledger.charge(makeCall(), 0);
  expect([500, 1000].map((nowMs) => ledger.hasRoom(makeCall(), nowMs))).toEqual([false, true]);
});

test('a simulated quota tells the requests of the window that it is given, whichever it counts in', () => {
  const ledger = new StandardLedger({ rpm: 60, toldWindowMs: 10_000 });
  ledger.charge(makeCall(), 0);
  const left = [0, 10_000].map((nowMs) => {
    const header = ledger.describe(undefined, nowMs);
    return [header('x-ratelimit-limit-requests'), header('x-ratelimit-remaining-requests')];
  });
  expect(left).toEqual([
    ['10', '9'],
    ['10', '10'],
  ]);
});

test('a simulated quota of fixed minutes has all of its tokens again at the next', () => {
  const ledger = new StandardLedger({ tpm: 150, isFixed: true });
  ledger.charge(makeCall(), 50_000);
  expect(ledger.describe(makeCall(), 50_000)('retry-after')).toBe('10');
  expect([59_999, 60_000].map((nowMs) => ledger.hasRoom(makeCall(), nowMs))).toEqual([false, true]);
});

test('a simulated quota changes its limits in time, and allows as much', () => {
  const ledger = new StandardLedger({ tpm: 100, factorAt: (nowMs) => (nowMs < 60_000 ? 1 : 2) });
  expect([0, 60_000].map((nowMs) => ledger.hasRoom(makeCall({ promptTokens: 160 }), nowMs))).toEqual([
    false,
    true,
  ]);
  expect(ledger.allowedTokens(120_000)).toBe(300);
});

test('a simulated quota that another client takes half of has the other half', () => {
  const ledger = new StandardLedger({ tpm: 240, othersShare: 0.5 });
  expect(ledger.hasRoom(makeCall({ promptTokens: 80 }), 120_000)).toBe(true);
  expect(ledger.hasRoom(makeCall({ promptTokens: 81 }), 120_000)).toBe(false);
});

test('a simulated quota refuses what it has no capacity for, however much is left', () => {
  const ledger = new StandardLedger({ tpm: 10_000, maxInFlight: 1, isOutAt: (nowMs) => nowMs >= 1000 });
  ledger.charge(makeCall(), 0);
  expect(ledger.hasRoom(makeCall(), 1)).toBe(false);
  expect(ledger.describe(makeCall(), 1)('retry-after')).toBe('1');
  ledger.finish();
  expect([2, 1000].map((nowMs) => ledger.hasRoom(makeCall(), nowMs))).toEqual([true, false]);
});
