import { array, assert, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { RollingWindow } from './rolling-window.ts';

const LIMIT = 100;
const LENGTH_MS = 1000;

/** The definition of a window, without any optimisation. */
class PlainWindow {
  readonly #charges: { amount: number; endMs: number }[] = [];

  charge(amount: number, nowMs: number): void {
    this.#charges.push({ amount, endMs: nowMs + LENGTH_MS });
  }

  counting(nowMs: number) {
    return this.#charges.filter(({ endMs }) => endMs > nowMs);
  }

  usedAt(nowMs: number): number {
    return this.counting(nowMs).reduce((sum, { amount }) => sum + amount, 0);
  }

  waitMs(amount: number, nowMs: number): number {
    const moments = [nowMs, ...this.counting(nowMs).map(({ endMs }) => endMs)];
    const atMs = moments.find((moment) => this.usedAt(moment) + amount <= LIMIT);
    return (atMs ?? Number.POSITIVE_INFINITY) - nowMs;
  }
}

const arrivals = array(
  record({ amount: integer({ min: 1, max: LIMIT + 5 }), gapMs: integer({ min: 0, max: 150 }) }),
  { maxLength: 150 },
);

test('a simulated rolling window agrees with a list of all charges', () => {
  assert(
    property(arrivals, (all) => {
      const [window, plain] = [new RollingWindow(LIMIT, LENGTH_MS), new PlainWindow()];
      let nowMs = 0;
      for (const { amount, gapMs } of all) {
        nowMs += gapMs;
        expect(window.usedAt(nowMs)).toBe(plain.usedAt(nowMs));
        expect(window.countAt(nowMs)).toBe(plain.counting(nowMs).length);
        expect(window.waitMs(amount, nowMs)).toBe(plain.waitMs(amount, nowMs));
        expect(window.hasRoom(amount, nowMs)).toBe(plain.usedAt(nowMs) + amount <= LIMIT);
        if (!window.hasRoom(amount, nowMs)) continue;
        window.charge(amount, nowMs);
        plain.charge(amount, nowMs);
      }
    }),
  );
});

test('a simulated rolling window keeps more charges than it had room for at first, in their order', () => {
  const window = new RollingWindow(1000, LENGTH_MS);
  // Some are forgotten before the ring is full, so that its beginning is in the middle when it grows.
  for (let nowMs = 0; nowMs < 40; nowMs++) window.charge(1, nowMs);
  expect(window.usedAt(LENGTH_MS + 29)).toBe(10);
  for (let charge = 0; charge < 300; charge++) window.charge(2, LENGTH_MS + 30 + charge);
  expect(window.usedAt(LENGTH_MS + 39)).toBe(600);
  expect(window.waitMs(402, LENGTH_MS + 330)).toBe(LENGTH_MS - 300);
  expect(window.countAt(2 * LENGTH_MS + 129)).toBe(200);
});

test('what is above the limit never fits', () => {
  expect(new RollingWindow(LIMIT, LENGTH_MS).waitMs(LIMIT + 1, 0)).toBe(Number.POSITIVE_INFINITY);
});
