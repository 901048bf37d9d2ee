import { describe, expect, test } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { timingOf } from './timing-of.ts';

const { timeouts } = configSchema.parse({ backends: [{ url: 'https://a' }] });
const configured = { ...timeouts, overallMs: 10_000, attemptMs: 4000, perMegabyteMs: 0 };
const MEGABYTE = 1_048_576;

test('an attempt may take no longer than all of them', () => {
  expect(timingOf({}, 0, { ...configured, attemptMs: 20_000 }, 500)).toEqual({
    deadlineMs: 10_500,
    attemptMs: 10_000,
    minAttemptMs: timeouts.minAttemptMs,
  });
});

test('a larger request has more time, and so has each of its attempts', () => {
  const some = { ...configured, perMegabyteMs: 1000 };
  expect(timingOf({}, 2.5 * MEGABYTE, some, 0)).toMatchObject({ deadlineMs: 12_500, attemptMs: 6500 });
});

describe.each(['x-stainless-timeout', 'x-stainless-read-timeout'])('a client that says in %s', (name) => {
  test.each<[string, number]>([
    ['600', 600_000],
    ['600.0', 600_000],
    ['5', 5000],
    ['0.25', 250],
    ['1e9', 86_400_000],
    ['0', 10_000],
    ['-5', 10_000],
    ['', 10_000],
    ['five', 10_000],
    ['5, 6', 10_000],
    ['Infinity', 10_000],
    ['NaN', 10_000],
    ['None', 10_000],
  ])('%s has %d ms', (seconds, deadlineMs) => {
    const timing = timingOf({ [name]: seconds }, 0, configured, 0);
    expect(timing).toMatchObject({ deadlineMs, attemptMs: 4000 });
  });
});

test('of two times that a client says the shorter counts', () => {
  const headers = { 'x-stainless-timeout': '60', 'x-stainless-read-timeout': '20' };
  expect(timingOf(headers, 0, configured, 0).deadlineMs).toBe(20_000);
});
