import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingLedger, type SlotNumber } from './rolling-ledger.ts';

const LENGTH_MS = 1000;
/** Charges this close together may count as one. */
const GRAIN_MS = LENGTH_MS / 2000;

/** The values that a ledger must report, kept as plainly as possible. */
interface Charge {
  readonly atMs: number;
  readonly slot: SlotNumber;
  amount: number;
}

const sumOf = (charges: readonly Charge[], counts: (charge: Charge) => boolean) =>
  charges.filter(counts).reduce((sum, { amount }) => sum + amount, 0);

/** Charges a ledger with amounts, each this many ms after the one before. */
const charged = (steps: readonly (readonly [number, number])[]) => {
  const ledger = new RollingLedger(LENGTH_MS);
  let nowMs = 0;
  const charges: Charge[] = steps.map(([gapMs, amount]) => {
    nowMs += gapMs;
    return { atMs: nowMs, slot: ledger.charge(amount, nowMs), amount };
  });
  return { ledger, charges, nowMs };
};

/** Up to 2 ms, in numbers that add up without rounding. */
const eighths = fc.nat(16).map((count) => count / 8);
/** Gaps at which charges share slots and at which they do not, and amounts that have no fractions. */
const steps = fc.array(fc.tuple(fc.oneof(eighths, fc.nat(400)), fc.nat(1000)), {
  minLength: 1,
  maxLength: 60,
});

/** Whether a sum includes all charges that certainly count, and no others than those that may. */
const isBetween = (sum: number, least: number, most: number) => sum >= least && sum <= most;

test('whatever is charged, each charge counts for the length of the ledger, and for no more than the grain beyond it', () => {
  fc.assert(
    fc.property(steps, fc.nat(2000), (some, laterMs) => {
      const { ledger, charges, nowMs } = charged(some);
      const atMs = nowMs + laterMs;
      expect(
        isBetween(
          ledger.usedAt(atMs),
          sumOf(charges, (charge) => charge.atMs + LENGTH_MS > atMs),
          sumOf(charges, (charge) => charge.atMs + LENGTH_MS + GRAIN_MS > atMs),
        ),
      ).toBe(true);
    }),
  );
});

test('whatever is charged, a correction counts as if the charge had been that from the beginning', () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.integer({ min: -1000, max: 1000 }), (some, pick, difference) => {
      const { ledger, charges, nowMs } = charged(some);
      const before = ledger.usedAt(nowMs);
      const corrected = charges[pick % charges.length]!;
      const isForgotten = ledger.hasForgotten(corrected.slot);
      ledger.correct(corrected.slot, difference);
      expect(ledger.usedAt(nowMs)).toBe(isForgotten ? before : before + difference);
      expect(ledger.usedAt(nowMs + LENGTH_MS + GRAIN_MS)).toBe(0);
    }),
  );
});

test('whatever is charged, it tells what may stop to count by a moment', () => {
  fc.assert(
    fc.property(steps, fc.nat(2000), (some, laterMs) => {
      const { ledger, charges, nowMs } = charged(some);
      ledger.usedAt(nowMs);
      const alive = charges.filter(({ slot }) => !ledger.hasForgotten(slot));
      const untilMs = nowMs + laterMs;
      expect(
        isBetween(
          ledger.endingBy(untilMs),
          sumOf(alive, ({ atMs }) => atMs + LENGTH_MS <= untilMs),
          sumOf(alive, ({ atMs }) => atMs + LENGTH_MS <= untilMs + GRAIN_MS),
        ),
      ).toBe(true);
    }),
  );
});

test('whatever is charged, it tells what was charged shortly before and after a charge', () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.nat(500), (some, pick, spanMs) => {
      const { ledger, charges, nowMs } = charged(some);
      ledger.usedAt(nowMs);
      const alive = charges.filter(({ slot }) => !ledger.hasForgotten(slot));
      const of = alive[pick % alive.length]!;
      const fromMs = of.atMs - spanMs;
      expect(
        isBetween(
          ledger.sumBefore(of.slot, fromMs),
          sumOf(alive, ({ atMs, slot }) => slot <= of.slot && atMs >= fromMs),
          sumOf(alive, ({ atMs, slot }) => slot <= of.slot && atMs >= fromMs - GRAIN_MS),
        ),
      ).toBe(true);
      expect(
        isBetween(
          ledger.sumAfter(of.slot, of.atMs + spanMs),
          sumOf(alive, ({ atMs, slot }) => slot > of.slot && atMs <= of.atMs + spanMs),
          sumOf(alive, ({ atMs, slot }) => slot > of.slot && atMs <= of.atMs + spanMs + GRAIN_MS),
        ),
      ).toBe(true);
    }),
  );
});

test('whatever is charged, it tells afterwards what counted at a charge, without what was taken back since', () => {
  fc.assert(
    fc.property(steps, steps, fc.nat(), (before, after, pick) => {
      const ledger = new RollingLedger(LENGTH_MS);
      let nowMs = 0;
      const charges = before.map(([gapMs, amount]) => {
        nowMs += gapMs;
        ledger.usedAt(nowMs);
        return { slot: ledger.charge(amount, nowMs), amount };
      });
      const last = charges.at(-1)!;
      const [used, forgotten] = [ledger.usedAt(nowMs), ledger.forgotten];
      const refused = charges[pick % charges.length]!;
      const takenBack = ledger.hasForgotten(refused.slot) ? 0 : refused.amount;
      ledger.correct(refused.slot, -takenBack);
      // A grain later, so that later charges have slots of their own.
      nowMs += GRAIN_MS;
      for (const [gapMs, amount] of after) {
        nowMs += gapMs;
        ledger.usedAt(nowMs);
        if (ledger.hasForgotten(last.slot)) return;
        ledger.charge(amount, nowMs);
      }
      expect(ledger.usedBy(last.slot, forgotten)).toBe(used - takenBack);
    }),
  );
});

test('the first moment at which no more than an amount counts is when enough of the oldest have ended, and not before', () => {
  fc.assert(
    fc.property(steps, fc.nat(20_000), (some, most) => {
      const { ledger, nowMs } = charged(some);
      const foundMs = ledger.firstMs((used, fromMs) => (used <= most ? fromMs : undefined), nowMs);
      const isFirst = foundMs === nowMs || ledger.usedAt(foundMs - 1e-6) > most;
      expect([isFirst, ledger.usedAt(foundMs) <= most]).toEqual([true, true]);
    }),
  );
});

test('whatever is charged, it tells from when on nothing counts any more', () => {
  fc.assert(
    fc.property(steps, (some) => {
      const { ledger, nowMs } = charged(some);
      expect(ledger.emptyMs).toBe(nowMs + LENGTH_MS);
      ledger.usedAt(ledger.emptyMs);
      expect(ledger.emptyMs).toBe(Number.NEGATIVE_INFINITY);
    }),
  );
});

test('the first moment may lie within a stretch in which the same counts', () => {
  const { ledger } = charged([
    [0, 1],
    [100, 2],
  ]);
  const stretches: number[][] = [];
  const within = (used: number, fromMs: number, untilMs: number) => {
    stretches.push([used, fromMs, untilMs]);
    return used === 2 ? fromMs + 30 : undefined;
  };
  expect(ledger.firstMs(within, 200)).toBe(1030);
  expect(stretches).toEqual([
    [3, 200, 1000],
    [2, 1000, 1100],
  ]);
});

test('the first moment is infinitely far when none suits', () => {
  const { ledger } = charged([[0, 1]]);
  expect(ledger.firstMs(() => undefined, 0)).toBe(Number.POSITIVE_INFINITY);
});

test('what adding and taking away of fractions leaves over does not last', () => {
  const ledger = new RollingLedger(LENGTH_MS);
  for (let nowMs = 0; nowMs < 100; nowMs++) ledger.charge(0.1, nowMs);
  const emptyMs = ledger.firstMs((used, fromMs) => (used <= 0 ? fromMs : undefined), 99);
  expect(emptyMs).toBe(99 + LENGTH_MS);
  expect(ledger.usedAt(emptyMs)).toBe(0);
});

test('nothing is lost while it grows, and a hundred thousand charges take no more slots than its grain allows', () => {
  const ledger = new RollingLedger(LENGTH_MS);
  const slots = new Set<SlotNumber>();
  for (let charge = 0; charge < 100_000; charge++) slots.add(ledger.charge(1, charge / 100));
  expect(ledger.usedAt(999)).toBe(100_000);
  expect(slots.size).toBeLessThanOrEqual(LENGTH_MS / GRAIN_MS);
});
