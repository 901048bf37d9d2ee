import { expect, test } from 'vitest';
import type { ClientLimit } from '../admin-types.ts';
import { describeLimit } from './clients.ts';

const MINUTE: ClientLimit = { limit: 'tokens', limitValue: 60_000, used: 41_000, resetInMs: 31_200 };

test.each<[string, Partial<ClientLimit>, string, string]>([
  ['tokens of a minute', {}, '41k of 60k tokens/min', 'resets 0:32'],
  ['a budget that nobody has used', { used: 0, resetInMs: 0 }, '0 of 60k tokens/min', ''],
  [
    'requests of a minute',
    { limit: 'requests', limitValue: 60, used: 7 },
    '7 of 60 requests/min',
    'resets 0:32',
  ],
  [
    'requests at once',
    { limit: 'concurrent', limitValue: 5, used: 5, resetInMs: undefined },
    '5 of 5 requests at once',
    '',
  ],
  ['a day', { limit: 'day', resetInMs: 7_500_000 }, '41k of 60k tokens today', 'resets in 2 h 5 min'],
  ['the last hour of a day', { limit: 'day', resetInMs: 65_000 }, '41k of 60k tokens today', 'resets 1:05'],
  [
    'a month',
    { limit: 'month', limitValue: 2e9, resetInMs: 9e8 },
    '41k of 2000M tokens this month',
    'resets in 10 d 10 h',
  ],
])('%s reads as what is used, of how much, and until when', (_, change, text, reset) => {
  expect(describeLimit({ ...MINUTE, ...change } as ClientLimit)).toMatchObject({ text, reset });
});

test.each([
  [0, 0, false, false],
  [53_999, 0.89998, false, false],
  [54_000, 0.9, true, false],
  [60_000, 1, true, true],
  [90_000, 1, true, true],
])(
  'a meter of 60,000 tokens of which %d are used is as full as it can be shown',
  (used, share, isHigh, isSpent) => {
    const described = describeLimit({ ...MINUTE, used });
    expect(described).toMatchObject({ isHigh, isSpent });
    expect(described.share).toBeCloseTo(share, 4);
  },
);
