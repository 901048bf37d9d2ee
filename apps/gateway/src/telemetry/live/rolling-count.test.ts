import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingCount } from './rolling-count.ts';

test('a rolling count is that of the last seconds, however they were counted', () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(4000), amount: fc.nat(9) }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 10 }), fc.nat(15_000), (steps, seconds, afterMs) => {
      const count = new RollingCount(10);
      const counted: { second: number; amount: number }[] = [];
      let nowMs = 0;
      for (const step of steps) {
        nowMs += step.afterMs;
        count.add(step.amount, nowMs);
        counted.push({ second: Math.floor(nowMs / 1000), amount: step.amount });
      }
      nowMs += afterMs;
      const present = Math.floor(nowMs / 1000);
      const sum = (from: number, until: number) =>
        counted
          .filter(({ second }) => second >= from && second <= until)
          .reduce((total, { amount }) => total + amount, 0);
      expect(count.within(seconds, nowMs)).toBe(sum(present - seconds + 1, present));
      expect(count.perSecond(seconds, nowMs)).toBeCloseTo(
        sum(present - seconds, present) / (seconds + (nowMs % 1000) / 1000),
        9,
      );
    }),
  );
});

test('what is counted late counts with the last', () => {
  const count = new RollingCount(10);
  count.add(1, 5000);
  count.add(1, 3000);
  expect(count.within(1, 5500)).toBe(2);
});
