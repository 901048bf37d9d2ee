import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerLookup, type Headers } from '../testing/make-answer.ts';
import { readQuotaResetMs, readRetryAfterMs } from './retry-after.ts';

const read = (headers: Headers) => readRetryAfterMs(headerLookup(headers));
const readReset = (headers: Headers) => readQuotaResetMs(headerLookup(headers));

const DATE = 'Tue, 15 Nov 1994 08:12:31 GMT';

/** Claude's headers: resets as points in time, which are given in seconds from the response. */
function claudes(limits: Readonly<Record<string, number>>): Headers {
  const dateMs = Date.parse('Sat, 29 Nov 2025 08:00:01 GMT');
  const entries = Object.entries(limits).map(([name, value]) => [
    `anthropic-ratelimit-${name}`,
    name.endsWith('-reset')
      ? `${new Date(dateMs + value * 1000).toISOString().slice(0, 19)}Z`
      : String(value),
  ]);
  return { ...Object.fromEntries(entries), date: new Date(dateMs).toUTCString() };
}

test.each([
  ['0', 0],
  ['1', 1],
  ['250', 250],
  ['12.5', 12.5],
  ['0.5', 0.5],
  [' 300 ', 300],
  ['007', 7],
  ['86400000', 86_400_000],
])('retry-after-ms of "%s" is %d ms', (value, expected) => {
  expect(read({ 'retry-after-ms': value })).toBe(expected);
});

test.each([
  '',
  ' ',
  '-1',
  '+1',
  'NaN',
  'Infinity',
  '1e3',
  '1e400',
  '0x10',
  '.5',
  '5.',
  '1,5',
  '20ms',
  'soon',
])('retry-after-ms of "%s" says nothing', (value) => {
  expect(read({ 'retry-after-ms': value })).toBeUndefined();
});

test.each([
  ['0', 0],
  ['1', 1000],
  ['20', 20_000],
  ['60', 60_000],
  ['86400', 86_400_000],
  ['0.1', 100],
  ['1.5', 1500],
  ['0.0', 0],
  [' 7 ', 7000],
  ['1s', 1000],
  ['6m0s', 360_000],
  ['20ms', 20],
  ['12.5ms', 12.5],
  ['1h2m3.5s', 3_723_500],
  ['1d', 86_400_000],
  ['2m', 120_000],
  ['0s', 0],
  // A plain number is never a year.
  ['2030', 2_030_000],
])('Retry-After of "%s" is %d ms', (value, expected) => {
  expect(read({ 'retry-after': value })).toBe(expected);
});

test.each([
  '',
  ' ',
  '-1',
  '-0.5',
  '+5',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e400',
  '1e3',
  '0x10',
  '.5',
  '5.',
  '1,5',
  '1 2',
  'soon',
  'in 5 seconds',
  '5 s',
  '5S',
  's',
  '1x',
  '1s2',
  '-1s',
  'null',
  'undefined',
  'a:b',
])('Retry-After of "%s" says nothing', (value) => {
  expect(read({ 'retry-after': value, date: DATE })).toBeUndefined();
});

test.each([
  ['of the preferred form', 'Tue, 15 Nov 1994 08:12:51 GMT', DATE, 20_000],
  ['a day later', 'Wed, 16 Nov 1994 08:12:31 GMT', DATE, 86_400_000],
  ['of the obsolete RFC 850 form', 'Tuesday, 15-Nov-94 08:12:51 GMT', DATE, 20_000],
  ['equal to Date', DATE, DATE, 0],
  ['before Date', 'Tue, 15 Nov 1994 08:12:01 GMT', DATE, 0],
  ['long before Date', 'Thu, 01 Jan 1970 00:00:00 GMT', DATE, 0],
  ['without a Date to measure it against', 'Tue, 15 Nov 1994 08:12:51 GMT', undefined, undefined],
  ['with a Date that is no date', 'Tue, 15 Nov 1994 08:12:51 GMT', 'today', undefined],
  ['with an empty Date', 'Tue, 15 Nov 1994 08:12:51 GMT', '', undefined],
  ['that is impossible', 'Tue, 45 Nov 1994 08:12:51 GMT', DATE, undefined],
  ['beyond the range of dates', 'Tue, 15 Nov 999999 08:12:51 GMT', DATE, undefined],
  ['with white space around it', ' Tue, 15 Nov 1994 08:12:51 GMT ', DATE, 20_000],
  ['in another zone', 'Tue, 15 Nov 1994 09:12:51 +0100', DATE, undefined],
  ['in a named zone', 'Tue, 15 Nov 1994 03:12:51 EST', DATE, undefined],
  ['without a zone', 'Tue, 15 Nov 1994 08:12:51', DATE, undefined],
  ['as asctime() gives it', 'Tue Nov 15 08:12:51 1994', DATE, 20_000],
  ['as asctime() gives it, of a day of one digit', 'Sun Nov  6 08:12:51 1994', DATE, 0],
  ['of ISO 8601', '1994-11-15T08:12:51Z', DATE, undefined],
  ['that is a zone alone', 'GMT', DATE, undefined],
  ['with a comment that is long', `Tue, 15 Nov 1994 08:12:51 (${'x'.repeat(64)}) GMT`, DATE, undefined],
])('Retry-After as an HTTP-date: %s', (_, value, date, expected) => {
  expect(read({ 'retry-after': value, ...(date === undefined ? {} : { date }) })).toBe(expected);
});

/** The reset of a limit, and its remainder if one is stated. */
const reset = (which: 'requests' | 'tokens', value: string, remaining?: string): Headers => ({
  [`x-ratelimit-reset-${which}`]: value,
  ...(remaining === undefined ? {} : { [`x-ratelimit-remaining-${which}`]: remaining }),
});

test.each<[string, Headers, number | undefined]>([
  ['requests, nothing said of what remains', reset('requests', '4'), 4000],
  ['requests, none remaining', reset('requests', '4', '0'), 4000],
  ['requests, an unknown number remaining', reset('requests', '4', '-1'), 4000],
  ['requests, an unreadable number remaining', reset('requests', '4', 'some'), 4000],
  ['requests, an empty number remaining', reset('requests', '4', ''), 4000],
  ['requests, some remaining', reset('requests', '4', '1'), undefined],
  ['tokens, nothing said of what remains', reset('tokens', '55'), 55_000],
  ['tokens, none remaining', reset('tokens', '55', '0'), 55_000],
  ['tokens, some remaining', reset('tokens', '55', '80'), undefined],
  ['tokens under the misspelt name', { 'x-rate-limit-reset-tokens': '55' }, 55_000],
  [
    'tokens under the misspelt name, some remaining',
    { 'x-rate-limit-reset-tokens': '55', 'x-ratelimit-remaining-tokens': '9' },
    undefined,
  ],
  ['tokens under both names', { 'x-ratelimit-reset-tokens': '5', 'x-rate-limit-reset-tokens': '55' }, 5000],
  [
    'tokens under both names, the right one unknown',
    { 'x-ratelimit-reset-tokens': '0', 'x-rate-limit-reset-tokens': '55' },
    55_000,
  ],
  [
    'tokens under both names, the right one unreadable',
    { 'x-ratelimit-reset-tokens': 'soon', 'x-rate-limit-reset-tokens': '55' },
    55_000,
  ],
  [
    'tokens under both names, both unknown',
    { 'x-ratelimit-reset-tokens': '0', 'x-rate-limit-reset-tokens': '0' },
    undefined,
  ],
  ['both spent, one reset unknown', { ...reset('requests', '0', '0'), ...reset('tokens', '5', '0') }, 5000],
  [
    'both, only the unreadable one spent',
    { ...reset('requests', 'soon', '0'), ...reset('tokens', '5', '9') },
    undefined,
  ],
  ['both, only requests spent', { ...reset('requests', '4', '0'), ...reset('tokens', '55', '80') }, 4000],
  ['both, only tokens spent', { ...reset('requests', '4', '9'), ...reset('tokens', '55', '0') }, 55_000],
  ['both spent: the later', { ...reset('requests', '60', '0'), ...reset('tokens', '55', '0') }, 60_000],
  ['both spent, one reset unreadable', { ...reset('requests', 'soon'), ...reset('tokens', '55') }, 55_000],
  ['neither spent', { ...reset('requests', '4', '9'), ...reset('tokens', '55', '80') }, undefined],
  ['a duration of seconds', reset('requests', '1s'), 1000],
  ['a duration of minutes and seconds', reset('tokens', '6m0s'), 360_000],
  ['a duration of milliseconds', reset('requests', '20ms'), 20],
  ['a duration of everything', reset('tokens', '1h2m3.5s'), 3_723_500],
  ['0, which is Azure for "unknown"', reset('tokens', '0'), undefined],
  ['0s likewise', reset('tokens', '0s'), undefined],
  ['-1, which is Azure for "unknown"', reset('tokens', '-1'), undefined],
  ['text', reset('requests', 'soon'), undefined],
  ['nothing', reset('requests', ''), undefined],
  ['an exponent', reset('requests', '1e400'), undefined],
  ['a day', reset('requests', '86400'), 86_400_000],
  [
    'a date, which no reset is',
    { ...reset('requests', 'Tue, 15 Nov 1994 08:12:51 GMT'), date: DATE },
    undefined,
  ],
  [
    'a point in time',
    { ...reset('requests', '1764403231', '0'), date: 'Sat, 29 Nov 2025 08:00:01 GMT' },
    30_000,
  ],
  [
    'a point in time in milliseconds',
    { ...reset('requests', '1764403231000', '0'), date: 'Sat, 29 Nov 2025 08:00:01 GMT' },
    30_000,
  ],
  [
    'a point in time in words',
    { ...reset('tokens', '2025-11-29T08:00:31Z', '0'), date: 'Sat, 29 Nov 2025 08:00:01 GMT' },
    30_000,
  ],
  [
    'a point in time that is over',
    { ...reset('tokens', '2025-11-29T07:00:31Z', '0'), date: 'Sat, 29 Nov 2025 08:00:01 GMT' },
    undefined,
  ],
  ['a point in time, and nothing to measure it against', reset('requests', '1764403231', '0'), undefined],
  ['Retry-After, which is read elsewhere', { 'retry-after': '1', 'retry-after-ms': '250' }, undefined],
  ['no header at all', {}, undefined],
  ['the only reset of Claude’s', claudes({ 'requests-reset': 33 }), 33_000],
  [
    'Claude’s reset of the limits that are spent, the latest of them',
    claudes({ 'requests-reset': 50, 'requests-remaining': 4, 'tokens-reset': 20, 'input-tokens-reset': 30 }),
    30_000,
  ],
  [
    'Claude’s resets, where no limit is spent',
    claudes({ 'requests-reset': 50, 'requests-remaining': 4 }),
    undefined,
  ],
])('the reset of the limit that is spent: %s', (_, headers, expected) => {
  expect(readReset(headers)).toBe(expected);
});

test('the reset of the limit that is spent of a 429 as Azure sent it in 2023, with the misspelt token reset and no Retry-After', () => {
  const headers = {
    'x-rate-limit-reset-tokens': '55',
    'policy-id': 'DeploymentRatelimit-Token',
    'x-ratelimit-remaining-requests': '29',
  };
  expect(readReset(headers)).toBe(55_000);
  expect(read(headers)).toBeUndefined();
});

test('the reset of the limit that is spent of a Responses API answer as Azure sent it in 2025, with everything unknown', () => {
  expect(
    readReset({
      'x-ratelimit-limit-tokens': '-1',
      'x-ratelimit-remaining-tokens': '-1',
      'x-ratelimit-reset-tokens': '0',
    }),
  ).toBeUndefined();
});

test.each<[string, Headers, number | undefined]>([
  ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  ['milliseconds of 0 before seconds', { 'retry-after-ms': '0', 'retry-after': '1' }, 0],
  ['seconds after unreadable milliseconds', { 'retry-after-ms': '-1', 'retry-after': '1' }, 1000],
  [
    'seconds after milliseconds too long to read',
    { 'retry-after-ms': '1'.repeat(65), 'retry-after': '1' },
    1000,
  ],
  ['unreadable both', { 'retry-after-ms': 'soon', 'retry-after': 'soon' }, undefined],
  ['nothing at all', {}, undefined],
  ['headers that say something else', { 'x-ratelimit-limit-requests': '100', date: DATE }, undefined],
  [
    'resets, which tell nothing but when quota is refilled',
    {
      'x-ratelimit-reset-requests': '4',
      'x-ratelimit-reset-tokens': '55',
      'x-rate-limit-reset-tokens': '55',
    },
    undefined,
  ],
])('the order of what a backend says: %s', (_, headers, expected) => {
  expect(read(headers)).toBe(expected);
});

test.each<[string, string, string, number]>([
  ['retry-after-ms', 'digits', '7', 7],
  ['retry-after', 'digits', '7', 7000],
  ['retry-after', 'a duration', '7ms', 7],
  ['x-ratelimit-reset-requests', 'digits', '7', 7000],
  ['x-ratelimit-reset-tokens', 'a duration', '1m7s', 67_000],
  ['x-rate-limit-reset-tokens', 'digits', '7', 7000],
])('a value of 64 characters is read, and none that is longer: %s of %s', (name, _, text, expected) => {
  const readAny = (value: string) => read({ [name]: value }) ?? readReset({ [name]: value });
  expect(readAny(text.padStart(64, '0'))).toBe(expected);
  expect(readAny(text.padStart(65, '0'))).toBeUndefined();
});

test('a value of 64 characters is read, and none that is longer: Retry-After of a date', () => {
  const later = 'Tue, 15 Nov 1994 08:12:51 GMT';
  expect(read({ 'retry-after': later.padStart(64), date: DATE })).toBe(20_000);
  expect(read({ 'retry-after': later.padStart(65), date: DATE })).toBeUndefined();
});

const NAMES = [
  'retry-after-ms',
  'retry-after',
  'date',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-tokens',
  'x-rate-limit-reset-tokens',
];
const digits = fc.integer({ min: 1, max: 400 }).map((length) => '9'.repeat(length));
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'0123456789.-+smhd :eE'), maxLength: 12 }),
  fc.double().map(String),
  fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toUTCString())),
  fc.tuple(digits, fc.constantFrom('', 's', 'm', 'h', 'd', 'ms', '.5')).map((parts) => parts.join('')),
);
const headers = fc.dictionary(fc.constantFrom(...NAMES), value);

test('whatever the headers hold, the answer is nothing or a finite time that is not negative', () => {
  fc.assert(
    fc.property(headers, (some) => {
      for (const ms of [read(some) ?? 0, readReset(some) ?? 0]) {
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThan(Infinity);
      }
    }),
    { numRuns: 2000 },
  );
});

test('whatever the headers hold, a reset of no time is none', () => {
  fc.assert(
    fc.property(headers, (some) => {
      expect(readReset(some)).not.toBe(0);
    }),
  );
});

test('whatever the headers hold, digits without end are no endless time', () => {
  const resets = ['x-ratelimit-reset-requests', 'x-ratelimit-reset-tokens', 'x-rate-limit-reset-tokens'];
  for (const length of [16, 60, 63, 64, 300, 306, 308, 309, 400, 5000]) {
    for (const unit of ['', 's', 'ms', 'd', '.5', '.5d']) {
      const value = '9'.repeat(length) + unit;
      const times = [
        ...['retry-after', 'retry-after-ms'].map((name) => read({ [name]: value })),
        ...resets.map((name) => readReset({ [name]: value })),
      ];
      for (const ms of times) expect(ms ?? 0, `${length} digits and "${unit}"`).toBeLessThan(Infinity);
    }
  }
});

test('x-ms-retry-after-ms counts where there is no retry-after-ms, and before Retry-After', () => {
  const headers = { 'x-ms-retry-after-ms': '250', 'retry-after': '1' };
  expect(read(headers)).toBe(250);
  expect(read({ ...headers, 'retry-after-ms': '9' })).toBe(9);
  expect(read({ ...headers, 'x-ms-retry-after-ms': 'soon' })).toBe(1000);
});
