import { expect, test } from 'vitest';
import type { BackendLedger } from './backend-ledger.ts';
import { findRecoveries, type RecoverySearch } from './find-recoveries.ts';

const rates = { tokens: 100, tokenWindowMs: 1_000, requests: 10, requestWindowMs: 100 };

/** Full from 0 to 1,000, except as the charges say. */
function ledger(...charges: (readonly [judgedAtMs: number, tokens: number])[]): BackendLedger {
  return {
    name: 'east',
    rates,
    entries: charges.map(([judgedAtMs, tokens], index) => ({
      requestNumber: index,
      judgedAtMs,
      tokens,
      isAdmitted: true,
      tookMs: 1,
    })),
  };
}

const search = (changes: Partial<RecoverySearch> = {}): RecoverySearch => ({
  fromMs: 10,
  toMs: 1_900,
  smallestTokens: 10,
  refusals: [],
  sentAtMs: () => 1_200,
  ...changes,
});

test.each<[string, BackendLedger, Partial<RecoverySearch>, { idleMs: number; lateMs: number }[]]>([
  ['it is never full', ledger([0, 90], [1_300, 50]), {}, []],
  ['nothing comes after it', ledger([0, 100]), {}, []],
  [
    'nobody asks until one is sent, and taken at once',
    ledger([0, 100], [1_200, 50]),
    {},
    [{ idleMs: 200, lateMs: 0 }],
  ],
  [
    'the one that comes was on its way for a while',
    ledger([0, 100], [1_230, 50]),
    {},
    [{ idleMs: 230, lateMs: 30 }],
  ],
  [
    'the one that comes had been waiting',
    ledger([0, 100], [1_040, 50]),
    { sentAtMs: () => 500 },
    [{ idleMs: 40, lateMs: 40 }],
  ],
  [
    'the one that had been waiting fits only later',
    ledger([0, 50], [300, 50], [1_310, 90]),
    { sentAtMs: () => 500 },
    [{ idleMs: 310, lateMs: 10 }],
  ],
  [
    'clients were refused what it could hold',
    ledger([0, 100], [1_200, 50]),
    {
      refusals: [
        { tokens: 100, atMs: 1_080 },
        { tokens: 50, atMs: 1_150 },
        { tokens: 101, atMs: 1_190 },
      ],
    },
    [{ idleMs: 200, lateMs: 150 }],
  ],
  [
    'clients were refused before it opened, or after it was used',
    ledger([0, 100], [1_200, 50]),
    {
      refusals: [
        { tokens: 50, atMs: 990 },
        { tokens: 50, atMs: 1_250 },
      ],
    },
    [{ idleMs: 200, lateMs: 0 }],
  ],
  ['it opens outside the time that is looked at', ledger([0, 100], [1_200, 50]), { toMs: 999 }, []],
])('a backend got room again: %s', (_case, backend, changes, expected) => {
  expect(findRecoveries([backend], search(changes))).toEqual(
    expected.map((recovery) => ({ backend: 'east', openedAtMs: 1_000, ...recovery })),
  );
});
