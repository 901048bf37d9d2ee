import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isHurried, isTooLate, latestWaitMs, timeLimitMs } from './deadline.ts';

const timing = { deadlineMs: 1000, attemptMs: 400, minAttemptMs: 100 };

test.each([
  ['its usual time while there is enough', 0, 400],
  ['its usual time to the deadline', 600, 400],
  ['what is left when that is less', 750, 250],
  ['whole milliseconds, as timers count these', 750.4, 250],
  ['a millisecond when nothing is left', 1200, 1],
])('an attempt may take %s', (_, nowMs, expected) => {
  expect(timeLimitMs(timing, nowMs)).toBe(expected);
});

test.each([
  ['with its usual time', 400, false],
  ['with almost its usual time', 360, false],
  ['with less', 359, true],
])('an attempt %s is hurried or not', (_, limitMs, expected) => {
  expect(isHurried(timing, limitMs)).toBe(expected);
});

test.each([
  ['the first, while there is any time', 0, 999, false],
  ['the first, at the deadline', 0, 1000, false],
  ['the first, past the deadline', 0, 1001, true],
  ['another, with the least time left', 1, 900, false],
  ['another, with less', 1, 901, true],
])('it is too late for an attempt: %s', (_, attemptsBefore, nowMs, expected) => {
  expect(isTooLate(timing, attemptsBefore, nowMs)).toBe(expected);
});

test('no attempt that is not too late ends past the deadline by more than a rounded millisecond', () => {
  const time = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(time, time, time, (deadlineMs, attemptMs, nowMs) => {
      const some = { deadlineMs, attemptMs, minAttemptMs: 0 };
      fc.pre(!isTooLate(some, 0, nowMs));
      expect(nowMs + timeLimitMs(some, nowMs)).toBeLessThanOrEqual(deadlineMs + 1);
    }),
  );
});

test('a timer that is early by a millisecond does not make room for another attempt', () => {
  const some = { ...timing, minAttemptMs: 0 };
  expect(isTooLate(some, 1, 998.5)).toBe(true);
  expect(isTooLate(some, 1, 997.5)).toBe(false);
});

test.each([0, 1, 100])(
  'who waits until the latest moment is not too late, though its timer is: %d ms',
  (least) => {
    const some = { ...timing, minAttemptMs: least };
    const rangMs = latestWaitMs(some) + 1.5;
    expect(isTooLate(some, 1, rangMs)).toBe(false);
    expect(latestWaitMs(some)).toBeGreaterThan(timing.deadlineMs - least - 5);
  },
);
