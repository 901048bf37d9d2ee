import { expect, test } from 'vitest';
import { seeded, wholeFrom } from '../../test/testing/random.ts';
import { LeakyBucket } from './leaky-bucket.ts';

test('a leaky bucket drains all the time, from full to empty in its time, and never below', () => {
  const bucket = new LeakyBucket(600, 60_000);
  bucket.pour(600, 0);
  expect([0, 30_000, 60_000, 90_000].map((nowMs) => bucket.utilizationAt(nowMs))).toEqual([1, 0.5, 0, 0]);
});

test('may run over, and says for how long', () => {
  const bucket = new LeakyBucket(600, 60_000);
  bucket.pour(600, 0);
  expect(bucket.overForMs(0)).toBe(0);
  bucket.pour(6, 0);
  expect(bucket.utilizationAt(0)).toBe(1.01);
  expect([0, 599, 600].map((nowMs) => bucket.overForMs(nowMs))).toEqual([
    expect.closeTo(600, 6),
    expect.closeTo(1, 6),
    0,
  ]);
});

test('a correction takes out what was poured in too much, but never more than there is', () => {
  const bucket = new LeakyBucket(600, 60_000);
  bucket.pour(300, 0);
  bucket.pour(-100, 0);
  expect(bucket.levelAt(0)).toBe(200);
  bucket.pour(-500, 0);
  expect(bucket.levelAt(0)).toBe(0);
});

test('under any traffic takes calls exactly when it is not over, and again after the time it says', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const pick = wholeFrom(seeded(seed));
    const [capacity, emptiesInMs] = [pick(10, 1000), pick(100, 60_000)];
    const bucket = new LeakyBucket(capacity, emptiesInMs);
    let [level, nowMs] = [0, 0];
    for (let call = 0; call < 100; call += 1) {
      const passedMs = pick(0, emptiesInMs / 10);
      nowMs += passedMs;
      level = Math.max(0, level - (passedMs * capacity) / emptiesInMs);
      const overMs = bucket.overForMs(nowMs);
      expect(bucket.levelAt(nowMs)).toBeCloseTo(level, 4);
      const isOver = Math.abs(level - capacity) > 1e-4 ? level > capacity : overMs > 0;
      expect(overMs > 0, `seed ${seed}`).toBe(isOver);
      expect(bucket.overForMs(nowMs + overMs)).toBe(0);
      if (overMs > 0) continue;
      const amount = pick(1, capacity);
      bucket.pour(amount, nowMs);
      level += amount;
    }
  }
});
