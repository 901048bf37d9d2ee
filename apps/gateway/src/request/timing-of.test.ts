import { expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { timingOf } from './timing-of.ts';

const { timeouts } = configSchema.parse({ backends: [{ url: 'https://a' }] });
const configured = { ...timeouts, overallMs: 10_000, responseHeadersMs: 4000, perMegabyteMs: 0 };
const MEGABYTE = 1_048_576;

test('one attempt may take the overall time where no other is said', () => {
  const some = { ...configured, responseHeadersMs: undefined };
  expect(timingOf({}, 0, some, 500)).toEqual({
    deadlineMs: 10_500,
    attemptMs: 10_000,
    minAttemptMs: timeouts.minAttemptMs,
  });
});

test('a larger request has more time, and so has each of its attempts', () => {
  const some = { ...configured, perMegabyteMs: 1000 };
  expect(timingOf({}, 2.5 * MEGABYTE, some, 0)).toMatchObject({ deadlineMs: 12_500, attemptMs: 6500 });
});

test.each<[string | undefined, number]>([
  [undefined, 10_000],
  ['600', 10_000],
  ['5', 5000],
  ['0.25', 250],
  ['0', 10_000],
  ['-5', 10_000],
  ['', 10_000],
  ['five', 10_000],
  ['5, 6', 10_000],
  ['Infinity', 10_000],
  ['NaN', 10_000],
])('a client that says %s has %d ms', (seconds, deadlineMs) => {
  const headers = seconds === undefined ? {} : { 'x-stainless-timeout': seconds };
  expect(timingOf(headers, 0, configured, 0)).toMatchObject({ deadlineMs, attemptMs: 4000 });
});
