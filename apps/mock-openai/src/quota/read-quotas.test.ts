import { expect, test } from 'vitest';
import { parseCut, readCut } from './read-cut.ts';
import { parseQuotas, readQuotas } from './read-quotas.ts';
import type { Quotas } from './quota.ts';

const everything: Quotas = {
  'gpt-4o': {
    kind: 'standard',
    tpm: 30_000,
    rpm: false,
    family: 'gpt-4o',
    requestsPerKTokens: 6.5,
    window: 'fixed',
    requestWindowMs: 1000,
    reportedWindowMs: 60_000,
    charge: 'max-tokens',
    maxTokensDefault: 100,
    charactersPerToken: 3.5,
    headers: '2023',
    hasRetryAfterMs: true,
    text: 'high-demand',
  },
  '*': {
    kind: 'ptu',
    units: 15,
    family: 'gpt-4.1',
    inputTpmPerUnit: 100,
    outputWeight: 4,
    bucketMs: 30_000,
    maxTokensDefault: 0,
    charactersPerToken: 4,
    message: 'Busy, wait {seconds} s.',
  },
};

const asText = `
  gpt-4o = standard(tpm=30000, rpm=none, family=gpt-4o, requests-per-k-tokens=6.5, window=fixed, request-window=1s,
    reported-window=60s, charge=max-tokens, max-tokens-default=100, characters-per-token=3.5, headers=2023,
    retry-after-ms=true, text=high-demand)
  *=ptu(units=15, family=gpt-4.1, input-tpm-per-unit=100, output-weight=4, bucket=30s, max-tokens-default=0,
    characters-per-token=4, message="Busy, wait {seconds} s.")`;

test('everything can be said as an object, as JSON and as text', () => {
  expect(parseQuotas(everything)).toEqual(everything);
  expect(parseQuotas(JSON.stringify(everything))).toEqual(everything);
  expect(parseQuotas(asText)).toEqual(everything);
});

test('a quota without a name is for every deployment, and nothing is no quota', () => {
  expect(parseQuotas('standard(tpm=5)')).toEqual({ '*': { kind: 'standard', tpm: 5 } });
  expect(parseQuotas('')).toEqual({});
  expect(parseQuotas({})).toEqual({});
});

const wrong: [string, unknown, string[]][] = [
  ['a kind that does not exist', 'a=paygo(tpm=1)', ['1:3: "paygo" is not one of standard, ptu']],
  ['no quota', '5', ['1:1: "5" is not a quota such as "gpt-4o=standard(tpm=30000)"']],
  ['a comma too many', 'ptu(units=1),,', ['1:14: a quota is missing before the comma']],
  ['a bracket that is left open', 'ptu(units=1', ['1:1: a bracket is opened and never closed']],
  [
    'two for the same deployment, and a value that is not allowed',
    'ptu(units=1),\n*=ptu(units=0, units=2)',
    ['2:1: "*" is said twice', '2:7: "0" is not a whole number of at least 1', '2:16: "units" is said twice'],
  ],
  [
    'an argument that does not exist',
    'ptu(unit=1, 3)',
    [
      '1:5: "unit" is not an argument of ptu (it has units, family, input-tpm-per-unit, output-weight, bucket, max-tokens-default, characters-per-token, message)',
      '1:13: "3" is not an argument of ptu (it has units, family, input-tpm-per-unit, output-weight, bucket, max-tokens-default, characters-per-token, message)',
    ],
  ],
  ['a ptu without units', 'ptu()', ['["*"].units: is missing']],
  [
    'a standard that limits nothing',
    'a=standard(rpm=none), b=standard(family=o1)',
    [
      '["a"]: limits nothing: it needs tpm, rpm or a family that has an rpm',
      '["b"]: limits nothing: it needs tpm, rpm or a family that has an rpm',
    ],
  ],
  ['a list', [], ['[] is not an object of quotas by deployment']],
  ['a quota that is none', { a: null }, ['["a"]: null is not a quota']],
  ['no kind', { a: { tpm: 1 } }, ['["a"].kind: nothing is not one of standard, ptu']],
  ['a cut of ptu', { a: { kind: 'ptu', units: 1, cuts: [] } }, ['["a"].cuts: only a standard quota is cut']],
  [
    'cuts that are none',
    { a: { kind: 'standard', tpm: 1, cuts: 5 } },
    ['["a"].cuts: 5 is not a list of cuts'],
  ],
  [
    'wrong cuts',
    { a: { kind: 'standard', tpm: 1, cuts: [{ factor: 2, forMS: 1 }, 7] } },
    [
      '["a"].cuts[0].factor: 2 is not a number from 0 to 1',
      '["a"].cuts[0].forMS: a cut has no such field (it has factor, afterMs, forMs)',
      '["a"].cuts[0].forMs: is missing',
      '["a"].cuts[1]: 7 is not a cut such as {"factor":0.5,"forMs":60000}',
    ],
  ],
  [
    'wrong times',
    'standard(tpm=1, request-window=2s)',
    ['1:17: "2s" is not one of 1s, 10s (in JSON: 1000, 10000)'],
  ],
];

test.each(wrong)('%s is a problem with its place', (_, input, problems) => {
  expect(readQuotas(input)).toEqual({ kind: 'wrong', problems });
});

test('JSON that cannot be read is a problem too', () => {
  expect(() => parseQuotas('{')).toThrow(/^The quota is wrong:\n {2}not JSON: /);
});

test('a family with requests of its own needs no other limit', () => {
  expect(parseQuotas('standard(family=whisper)')).toEqual({ '*': { kind: 'standard', family: 'whisper' } });
});

test('a cut is read from JSON or an object, and every problem is named', () => {
  const cut = { deployment: 'gpt-4o', factor: 0.5, afterMs: 10, forMs: 100 };
  expect(readCut(JSON.stringify(cut))).toEqual({ kind: 'cut', cut });
  expect(parseCut(cut)).toEqual(cut);
  expect(readCut('{"deployment":5,"factor":-1}')).toEqual({
    kind: 'wrong',
    problems: [
      'cut.deployment: 5 is not a text',
      'cut.factor: -1 is not a number from 0 to 1',
      'cut.forMs: is missing',
    ],
  });
  expect(readCut('{')).toMatchObject({ kind: 'wrong', problems: [expect.stringMatching(/^not JSON/)] });
  expect(() => parseCut({ factor: 7, forMs: 1 })).toThrow('cut.factor: 7 is not a number from 0 to 1');
});
