import { array, assert, integer, nat, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { makeCall } from '../../../test/testing/make-call.ts';
import { chargedTokens } from '../traffic/call.ts';
import { StandardLedger } from './standard-ledger.ts';

test('charges on arrival what a call may take, for a minute, whatever it takes in the end', () => {
  const ledger = new StandardLedger(150, 60);
  ledger.charge(makeCall(), 0);
  ledger.finish();
  expect([0, 59_999, 60_000].map((nowMs) => ledger.hasRoom(makeCall(), nowMs))).toEqual([false, false, true]);
  expect(ledger.servedTokens).toBe(100);
});

test('a simulated standard quota answers a refusal with whole seconds, the later of its two limits', () => {
  const ledger = new StandardLedger(250, 6);
  ledger.charge(makeCall(), 0);
  expect(ledger.describe(makeCall(), 500)('retry-after')).toBe('10');
  ledger.charge(makeCall(), 10_000);
  expect(ledger.describe(makeCall(), 10_100)('retry-after')).toBe('50');
  expect(ledger.describe(makeCall({ promptTokens: 1000 }), 10_100)('retry-after')).toBe('60');
  expect(ledger.describe(undefined, 10_100)('retry-after')).toBeUndefined();
});

test('a simulated standard quota tells its limits and what is left of them, as it was when it was asked', () => {
  const ledger = new StandardLedger(1000, 60);
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
      const ledger = new StandardLedger(1000, 24);
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
