import { expect, test } from 'vitest';
import { loggedAt } from '../../../test/testing/logged-request.ts';
import { LOG_START_MS } from '../../../test/testing/log-line.ts';
import { fillIn } from './fill-in.ts';

const timesOf = (requests: ReturnType<typeof fillIn>) =>
  requests.map(({ arrivedMs }) => arrivedMs - LOG_START_MS);

test('a log of which nothing was left out stays as it is', () => {
  const requests = [loggedAt(0), loggedAt(10)];
  expect(fillIn(requests)).toBe(requests);
});

test('requests that a log has left out are asked evenly in the time in which they must have come', () => {
  const sampled = { share: 0.25 };
  const requests = [loggedAt(0, sampled), loggedAt(70, { status: 400 }), loggedAt(100, sampled)];
  expect(timesOf(fillIn(requests))).toEqual([0, 25, 50, 70, 75, 100]);
});

test.each([0.3, 0.75, 0.9])('of a share of %s as many are asked as there were', (share) => {
  const requests = Array.from({ length: 301 }, (_, place) => loggedAt(place * 10, { share }));
  const filled = fillIn(requests);
  expect(Math.abs(filled.length - 300 / share)).toBeLessThanOrEqual(1);
  expect(timesOf(filled)).toEqual(timesOf(filled).toSorted((one, other) => one - other));
});

test('a share that makes more of a log than can be replayed is refused', () => {
  expect(() => fillIn([loggedAt(0, { share: 1e-9 })])).toThrow(
    /^--log: 1000000000 requests or more; allowed: at most \d+/,
  );
});
