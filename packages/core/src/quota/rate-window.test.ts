import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../testing/make-random.ts';
import { LearnedLimit } from './learned-limit.ts';
import { type Mark, RateWindow } from './rate-window.ts';

const LENGTH_MS = 60_000;
const TRAVEL_MS = 20;
/** A charge expires at most this late: the skew, and the grain of the ledger. */
const LATE_MS = 25 + 31;

interface Sent {
  readonly mark: Mark;
  readonly arrivesMs: number;
  readonly amount: number;
  readonly isRefused: boolean;
}

/**
 * Sends charges at this average distance, in bursts of 500 that begin one window length apart, so that each burst meets
 * the end of the one before. At random moments, checks that the level a charge met is possible.
 */
const send = (gapMs: number, refusedShare: number) => {
  const random = seededRandom(1);
  const window = new RateWindow(LENGTH_MS, undefined);
  const all: Sent[] = [];
  const came = { checked: 0, outside: 0 };
  let nowMs = 0;
  while (all.length < 3000) {
    const isBegun = all.length % 500 > 0;
    nowMs = isBegun ? nowMs + 2 * gapMs * random() : Math.max(nowMs, (all.length / 500) * LENGTH_MS);
    for (const { mark, isRefused, arrivesMs } of all.slice(-300)) {
      if (isRefused && arrivesMs + TRAVEL_MS <= nowMs) window.correct(mark, -mark.amount);
    }
    const amount = 1 + Math.floor(random() * 100);
    const isRefused = random() < refusedShare;
    all.push({
      mark: window.charge(amount, nowMs),
      arrivesMs: nowMs + random() * TRAVEL_MS,
      amount,
      isRefused,
    });
    const answered = all[Math.floor(Math.max(0, all.length - 100 * random()))];
    const isBack = answered !== undefined && answered.arrivesMs + 3 * TRAVEL_MS < nowMs;
    if (!isBack || answered.isRefused) continue;
    const met = all.filter(
      ({ arrivesMs, isRefused }) =>
        !isRefused && arrivesMs <= answered.arrivesMs && arrivesMs + LENGTH_MS > answered.arrivesMs,
    );
    const own = window.ownAt(answered.mark);
    if (own === undefined) continue;
    const counted = met.reduce((sum, { amount }) => sum + amount, 0);
    came.checked++;
    if (own[0] > counted || own[1] < counted) came.outside++;
  }
  return came;
};

test.each([2, 20, 200, 1000])(
  'our own charges, of which the backend may see some earlier and some later are told apart when they are %i ms apart',
  (gapMs) => {
    const { checked, outside } = send(gapMs, 0);
    expect(checked).toBeGreaterThan(100);
    expect(outside).toBe(0);
  },
);

test.each([2, 20, 200])(
  'our own charges, of which the backend may see some earlier and some later are told apart when some %i ms apart are refused, which then never counted',
  (gapMs) => {
    const { checked, outside } = send(gapMs, 0.2);
    expect(checked).toBeGreaterThan(100);
    expect(outside).toBe(0);
  },
);

test('what is left is not known until a limit is', () => {
  const window = new RateWindow(LENGTH_MS, undefined);
  const mark = window.charge(100, 0);
  expect([window.limit, window.remainingAt(0), window.roomAtMs(1e9, 0, 0)]).toEqual([
    undefined,
    undefined,
    0,
  ]);
  window.observe(mark, 1000, 850, 500);
  expect([window.limit, window.remainingAt(500)]).toEqual([1000, 850]);
});

test('what is left is of the lesser of what is configured and what is told', () => {
  const window = new RateWindow(LENGTH_MS, 1000);
  expect(window.remainingAt(0)).toBe(1000);
  window.observe(window.charge(0, 0), 400, 400, 10);
  expect(window.remainingAt(10)).toBe(400);
  window.observe(window.charge(0, 20), 5000, 5000, 30);
  expect(window.remainingAt(30)).toBe(1000);
});

test('what is left is learned too where only what remains is told', () => {
  const window = new RateWindow(LENGTH_MS, undefined);
  window.observe(window.charge(100, 0), undefined, 900, 10);
  expect([window.limit, window.remainingAt(10)]).toEqual([1000, 900]);
  window.observe(window.charge(100, 1000), undefined, 700, 1010);
  expect([window.limit, window.remainingAt(1010)]).toEqual([1000, 700]);
});

test('what is left counts what is under way at once, and what others spend once it is told', () => {
  const window = new RateWindow(LENGTH_MS, 1000);
  const first = window.charge(100, 0);
  window.charge(200, 100);
  expect(window.remainingAt(100)).toBe(700);
  window.observe(first, 1000, 600, 200);
  expect(window.remainingAt(200)).toBe(400);
});

test('what is left is not corrected by an answer that is older than another, nor by one whose window is over', () => {
  const window = new RateWindow(LENGTH_MS, 1000);
  const [older, newer] = [window.charge(100, 0), window.charge(100, 1000)];
  window.observe(newer, 1000, 800, 2000);
  window.observe(older, 1000, 50, 2001);
  expect(window.remainingAt(2001)).toBe(800);
  const late = window.charge(500, 3000);
  window.observe(late, 1000, 0, 3000 + LENGTH_MS + LATE_MS);
  expect(window.remainingAt(3000 + LENGTH_MS + LATE_MS)).toBe(1000);
});

test('what is left is never more than the limit, however much was estimated too high', () => {
  const window = new RateWindow(LENGTH_MS, 1000);
  window.observe(window.charge(900, 0), 1000, 999, 30_000);
  expect(window.remainingAt(30_000)).toBe(999);
  for (let nowMs = 30_000; nowMs < 100_000; nowMs += 100) {
    expect(window.remainingAt(nowMs)).toBeLessThanOrEqual(1000);
  }
});

test('what is left comes back: our own charge after its minute, what others use in the second half of one without news', () => {
  const window = new RateWindow(LENGTH_MS, 1000);
  window.observe(window.charge(100, 0), 1000, 300, 0);
  expect(window.remainingAt(0)).toBe(300);
  expect(window.remainingAt(30_000)).toBe(300);
  expect(window.remainingAt(45_000)).toBe(600);
  expect(window.remainingAt(LENGTH_MS)).toBe(900);
  expect(window.remainingAt(LENGTH_MS + LATE_MS)).toBe(1000);
});

const scene = fc.record({
  amounts: fc.array(fc.tuple(fc.nat(20_000), fc.nat(400)), { minLength: 1, maxLength: 30 }),
  others: fc.nat(600),
  wanted: fc.integer({ min: 1, max: 1000 }),
  reserved: fc.constantFrom(0, 0.1, 0.5),
});

test('room is promised for the first moment that has it, and not before', () => {
  fc.assert(
    fc.property(scene, ({ amounts, others, wanted, reserved }) => {
      const window = new RateWindow(LENGTH_MS, 1000);
      let nowMs = 0;
      for (const [gapMs, amount] of amounts) {
        nowMs += gapMs;
        const mark = window.charge(amount, nowMs);
        const own = window.ownAt(mark)?.[1] ?? 0;
        window.observe(mark, 1000, Math.max(0, 1000 - own - others), nowMs);
      }
      const roomMs = window.roomAtMs(wanted, reserved, nowMs);
      expect(roomMs).toBeLessThanOrEqual(nowMs + LENGTH_MS + LATE_MS);
      const soonMs = roomMs - 0.01;
      const isFirst = roomMs === nowMs || window.roomAtMs(wanted, reserved, soonMs) > soonMs;
      expect(isFirst).toBe(true);
      expect(window.roomAtMs(wanted, reserved, roomMs + 0.001)).toBe(roomMs + 0.001);
    }),
  );
});

test.each([
  ['that fits exactly', 1000, 0, 0, true],
  ['that fits beside what is in use', 600, 0, 400, true],
  ['that does not', 601, 0, 400, false],
  ['that fits beside what is reserved', 300, 0.3, 400, true],
  ['that would take of what is reserved', 301, 0.3, 400, false],
  ['that is more than the whole, half of which is free', 5000, 0, 500, true],
  ['that is more than the whole, half of which is not free', 5000, 0, 501, false],
  ['that is more than what is not reserved, with the window to itself', 800, 0.3, 0, true],
  ['that is more than what is not reserved, beside anything else', 800, 0.3, 1, false],
])('room for a request %s', (_, wanted, reserved, used, isRoom) => {
  const window = new RateWindow(LENGTH_MS, 1000);
  window.charge(used, 0);
  expect(window.roomAtMs(wanted, reserved, 10) === 10).toBe(isRoom);
});

test('a limit that answers report replaces what refusals have shown, which is learned anew when they report none', () => {
  const learned = new LearnedLimit(LENGTH_MS);
  learned.noteTaken(1, 0, 0);
  learned.noteTaken(1000, 90_000, 90_000);
  learned.noteRefused(1100, 90_980, 91_000);
  const window = new RateWindow(LENGTH_MS, undefined, learned);
  expect(window.limit).toBe(1050);
  window.observe(window.charge(100, 92_000), 5000, 4900, 92_010);
  expect(window.limit).toBe(5000);
  window.learn(undefined);
  expect(window.limit).toBeUndefined();
});
