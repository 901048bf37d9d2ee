import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { Refusals } from './refusals.ts';

const A = makeBackend('a');
const B = makeBackend('b');

test('who has refused may not be asked again before the request has gone to wait', () => {
  const refusals = new Refusals();
  refusals.note(A, 0);
  expect(refusals.askAtMs(A)).toBe(Number.POSITIVE_INFINITY);
  refusals.prepareToWait();
  expect(refusals.askAtMs(A)).toBe(100);
});

test('each time that it goes to wait, once more, and after twice as long', () => {
  const refusals = new Refusals();
  const pauses = [0, 1000, 2000, 3000].map((atMs) => {
    refusals.note(A, atMs);
    expect(refusals.askAtMs(A)).toBe(Number.POSITIVE_INFINITY);
    refusals.prepareToWait();
    return refusals.askAtMs(A) - atMs;
  });
  expect(pauses).toEqual([100, 200, 400, 800]);
});

test('the refusals of two backends are told apart', () => {
  const refusals = new Refusals();
  refusals.note(A, 0);
  refusals.prepareToWait();
  refusals.note(B, 0);
  expect([refusals.askAtMs(A), refusals.askAtMs(B)]).toEqual([100, Number.POSITIVE_INFINITY]);
});

test('refusals are surprising once there have been two where there seemed to be room', () => {
  const refusals = new Refusals();
  const seen = [true, false, true, false].map((wasExpected, atMs) => {
    refusals.note(A, atMs, wasExpected);
    return refusals.areSurprising;
  });
  expect(seen).toEqual([false, false, false, true]);
});
