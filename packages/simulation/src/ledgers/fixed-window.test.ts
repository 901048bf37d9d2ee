import { expect, test } from 'vitest';
import { FixedWindow } from './fixed-window.ts';

test('a simulated fixed window forgets all charges at the end of each stretch of its length', () => {
  const window = new FixedWindow(100, 1000);
  window.charge(60, 900);
  window.charge(30, 950);
  expect([999, 1000].map((nowMs) => [window.usedAt(nowMs), window.countAt(nowMs)])).toEqual([
    [90, 2],
    [0, 0],
  ]);
});

test('a simulated fixed window has an amount wait for the next stretch, and never for what is above its limit', () => {
  const window = new FixedWindow(100, 1000);
  window.charge(60, 2300);
  expect([40, 41, 101].map((amount) => window.waitMs(amount, 2300))).toEqual([0, 700, Infinity]);
  expect(window.hasRoom(41, 3000)).toBe(true);
});
