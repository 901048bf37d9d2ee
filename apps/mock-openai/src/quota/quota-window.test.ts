import { describe, expect, test } from 'vitest';
import { seeded, wholeFrom } from '../../test/testing/random.ts';
import { FixedWindow } from './fixed-window.ts';
import { RollingWindow } from './rolling-window.ts';
import type { QuotaWindow } from './quota-window.ts';

interface Charge {
  readonly amount: number;
  readonly atMs: number;
}

/** The amount that counts at a moment, defined in the plainest way: the property tests compare the windows with it. */
type Reference = (charges: readonly Charge[], nowMs: number, lengthMs: number) => number;

const sum = (charges: readonly Charge[]) => charges.reduce((total, { amount }) => total + amount, 0);
const rolling: Reference = (charges, nowMs, lengthMs) =>
  sum(charges.filter(({ atMs }) => atMs + lengthMs > nowMs));
const fixed: Reference = (charges, nowMs, lengthMs) =>
  sum(charges.filter(({ atMs }) => Math.floor(atMs / lengthMs) === Math.floor(nowMs / lengthMs)));

const kinds: [string, (lengthMs: number) => QuotaWindow, Reference][] = [
  ['a rolling window', (lengthMs) => new RollingWindow(lengthMs), rolling],
  ['a fixed window', (lengthMs) => new FixedWindow(lengthMs), fixed],
];

describe.each(kinds)('%s', (_, make, reference) => {
  test('a quota window under any traffic never admits more than its limit and never refuses what fits', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const pick = wholeFrom(seeded(seed));
      const lengthMs = pick(1, 60) * 10;
      const limit = pick(0, 50);
      const window = make(lengthMs);
      const admitted: Charge[] = [];
      let nowMs = 0;
      for (let call = 0; call < 150; call += 1) {
        nowMs += pick(0, 3) === 0 ? pick(0, lengthMs * 2) : pick(0, 5);
        const amount = pick(0, 20);
        const used = reference(admitted, nowMs, lengthMs);
        expect(window.usedAt(nowMs)).toBe(used);
        const fitsNow = window.fitsAt(amount, limit, nowMs) === nowMs;
        expect(fitsNow, `seed ${seed}, call ${call}`).toBe(used + amount <= limit);
        if (!fitsNow) continue;
        window.charge(amount, nowMs);
        admitted.push({ amount, atMs: nowMs });
        expect(reference(admitted, nowMs, lengthMs)).toBeLessThanOrEqual(limit);
      }
    }
  });

  test('a quota window under any traffic names the very first moment at which an amount fits', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const pick = wholeFrom(seeded(seed));
      const lengthMs = pick(1, 20) * 10;
      const window = make(lengthMs);
      const charges = Array.from({ length: pick(0, 20) }, () => ({ amount: pick(0, 9), atMs: pick(0, 300) }));
      charges.sort((one, other) => one.atMs - other.atMs);
      for (const { amount, atMs } of charges) window.charge(amount, atMs);
      const nowMs = 300;
      const [amount, limit, fromMs] = [pick(0, 20), pick(0, 30), nowMs + pick(0, 100)];
      window.usedAt(nowMs);
      const counted = charges.filter((charge) => reference([charge], nowMs, lengthMs) > 0);
      let first: number | undefined;
      for (let atMs = fromMs; atMs <= nowMs + lengthMs * 2 + 100 && first === undefined; atMs += 1) {
        if (reference(counted, atMs, lengthMs) + amount <= limit) first = atMs;
      }
      expect(window.fitsAt(amount, limit, fromMs), `seed ${seed}`).toBe(first);
    }
  });
});

test('a rolling window gives each charge back 60 s after it was taken, not before', () => {
  const window = new RollingWindow(60_000);
  window.charge(5, 0);
  window.charge(3, 10_000);
  expect([0, 59_999, 60_000, 69_999, 70_000].map((nowMs) => window.usedAt(nowMs))).toEqual([8, 8, 3, 3, 0]);
});

test('a fixed window gives everything back at the minute', () => {
  const window = new FixedWindow(60_000);
  window.charge(5, 0);
  window.charge(3, 59_000);
  expect([59_999, 60_000].map((nowMs) => window.usedAt(nowMs))).toEqual([8, 0]);
  expect(new FixedWindow(60_000).fitsAt(9, 8, 0)).toBeUndefined();
});

test('a rolling window forgets a long past without losing count', () => {
  const window = new RollingWindow(1000);
  for (let nowMs = 0; nowMs < 10_000; nowMs += 1) {
    window.charge(1, nowMs);
    expect(window.usedAt(nowMs)).toBe(Math.min(nowMs + 1, 1000));
  }
});
