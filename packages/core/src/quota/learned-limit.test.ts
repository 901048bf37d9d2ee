import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LearnedLimit } from './learned-limit.ts';

const MINUTE_MS = 60_000;
const NEAR = 0.95;

/** A limit watched for more than a minute, with this taken lately. */
const watched = (taken: number, leastOfTaken = NEAR) => {
  const learned = new LearnedLimit(MINUTE_MS, leastOfTaken);
  learned.noteTaken(1, 0, 0);
  learned.noteTaken(taken, 90_000, 90_000);
  return learned;
};
const refuse = (learned: LearnedLimit, level: number, atMs: number) =>
  learned.noteRefused(level, atMs - 20, atMs);
const take = (learned: LearnedLimit, level: number, atMs: number) =>
  learned.noteTaken(level, atMs - 20, atMs);

test('a learned limit is between what was taken and what was refused', () => {
  const learned = watched(1000);
  expect(refuse(learned, 1100, 91_000)).toBe(true);
  expect(learned.limit).toBe(1050);
  expect(take(learned, 1040, 91_100)).toBe(false);
  expect(take(learned, 1070, 91_200)).toBe(true);
  expect(learned.limit).toBe(1085);
});

test.each([
  [950, false, undefined],
  [951, true, 945],
  [1000, true, 994],
])('after a thousand was taken, a refusal at %i shows a limit: %j, of %j', (level, isShown, limit) => {
  const learned = watched(1000);
  expect(refuse(learned, level, 91_000)).toBe(isShown);
  expect(learned.limit).toBe(limit);
});

test.each([
  [3, 3, false, undefined],
  [3, 4, true, 3],
  [30, 31, true, 30],
  [0, 1, false, undefined],
])(
  'after %i requests were taken, a refusal of the %ith shows a limit: %j, of %j',
  (taken, level, isShown, limit) => {
    const learned = watched(taken, 1);
    expect(refuse(learned, level, 91_000)).toBe(isShown);
    expect(learned.limit).toBe(limit);
  },
);

test('a limit is not learned in the first minute, as what was spent before a restart is not known', () => {
  const learned = new LearnedLimit(MINUTE_MS, NEAR);
  expect(refuse(learned, 500, 30_000)).toBe(false);
  expect(refuse(learned, 500, 80_000)).toBe(false);
  expect(learned.limit).toBeUndefined();
  expect(refuse(learned, 500, 90_000)).toBe(true);
});

test('a limit that is told in between is forgotten, and one is learned anew only after another minute', () => {
  const learned = watched(1000);
  refuse(learned, 1100, 91_000);
  learned.restart();
  expect(learned.limit).toBeUndefined();
  expect(refuse(learned, 1100, 100_000)).toBe(false);
  expect(refuse(learned, 1100, 160_000)).toBe(true);
});

test('a learned limit is lowered by refusals that follow one another, by ever larger steps', () => {
  const learned = watched(1000);
  const limits = [1001, 1000, 1000, 1000, 1000].map((level, second) => {
    refuse(learned, level, 91_000 + 1000 * second);
    return learned.limit;
  });
  expect(limits).toEqual([994, 988, 976, 970, 970]);
});

test('a refusal of what was sent before the limit was known only lowers it', () => {
  const learned = watched(1000);
  refuse(learned, 1100, 91_000);
  learned.noteRefused(1150, 90_990, 91_010);
  expect(learned.limit).toBe(1050);
});

test.each([
  ['tokens', 30_000, NEAR, 90],
  ['ten requests', 10, 1, 130],
  ['three requests', 3, 1, 130],
])(
  'a limit of %s that has doubled is found: it grows until more is taken than was refused, and is forgotten then',
  (_, limit, leastOfTaken, mostSeconds) => {
    const learned = watched(limit, leastOfTaken);
    refuse(learned, limit + 1, 91_000);
    let nowMs = 91_000;
    while (learned.limit !== undefined && nowMs < 1_000_000) take(learned, learned.limit, (nowMs += 1000));
    expect((nowMs - 91_000) / 1000).toBeLessThanOrEqual(mostSeconds);
  },
);

test('a learned limit of tokens hardly grows in the half minute after a refusal', () => {
  const learned = watched(30_000);
  refuse(learned, 30_001, 91_000);
  const { limit } = learned;
  take(learned, 100, 121_000);
  expect(learned.limit).toBeGreaterThanOrEqual(limit!);
  expect(learned.limit).toBeLessThan(limit! * 1.002);
});

const events = fc.array(
  fc.record({ gapMs: fc.nat(20_000), level: fc.integer({ min: 1, max: 1000 }), isTaken: fc.boolean() }),
  { maxLength: 100 },
);

test('whatever is refused, a limit is never set much below the most that was taken within the last minute', () => {
  fc.assert(
    fc.property(events, (all) => {
      const learned = new LearnedLimit(MINUTE_MS, NEAR);
      const taken: { level: number; atMs: number }[] = [];
      let nowMs = 0;
      for (const { gapMs, level, isTaken } of all) {
        nowMs += gapMs;
        const lately = taken.filter(({ atMs }) => atMs > nowMs - MINUTE_MS).map((one) => one.level);
        if (isTaken) {
          take(learned, level, nowMs);
          taken.push({ level, atMs: nowMs });
        }
        const isShown = !isTaken && refuse(learned, level, nowMs);
        const { limit = Number.NaN } = learned;
        const least = Math.floor(Math.max(0, ...lately) * NEAR * 0.97) - 1;
        expect(!isShown || (limit >= least && limit < level)).toBe(true);
      }
    }),
  );
});

test('refusals for other reasons, of which there are many, do not lower a limit again and again', () => {
  const learned = watched(1000);
  let nowMs = 91_000;
  for (let minute = 0; minute < 10; minute++) {
    for (let second = 0; second < 60; second += 5) {
      nowMs += 5000;
      take(learned, learned.limit ?? 1000, nowMs);
      refuse(learned, learned.limit ?? 1000, nowMs + 1);
    }
  }
  expect(learned.limit).toBeGreaterThan(800);
});
