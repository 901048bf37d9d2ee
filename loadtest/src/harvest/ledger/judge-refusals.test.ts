import { expect, test } from 'vitest';
import type { BackendLedger } from './backend-ledger.ts';
import { judgeRefusals } from './judge-refusals.ts';

const rates = { tokens: 100, tokenWindowMs: 1_000, requests: 10, requestWindowMs: 100 };
const ledger = (
  ...charges: (readonly [requestNumber: number, judgedAtMs: number, tokens: number])[]
): BackendLedger => ({
  name: 'east',
  rates,
  entries: charges.map(([requestNumber, judgedAtMs, tokens]) => ({
    requestNumber,
    judgedAtMs,
    tokens,
    isAdmitted: true,
    tookMs: 1,
  })),
});
const full = ledger([1, 0, 100]);
const sentAtMs = (requestNumber: number) => ({ 1: 0, 2: 480, 3: 505 })[requestNumber];
const travelMs = 50;

test.each([
  ['no backend has room', [full, full], 10, 500, 0, 0],
  ['another backend has room all the time', [full, ledger([1, 0, 90])], 10, 500, 1, 1],
  ['another backend has room, but not for so much', [full, ledger([1, 0, 90])], 11, 500, 0, 0],
  ['room came back longer ago than a message travels', [full], 10, 1_051, 1, 1],
  ['room came back exactly when a message had to leave', [full], 10, 1_050, 1, 1],
  ['room came back only just now', [full], 10, 1_049, 1, 0],
  ['room came back just after', [full], 10, 999, 0, 0],
  [
    'two backends had room in turn, neither all the time',
    [ledger([1, 460, 100]), ledger([1, -510, 100])],
    10,
    500,
    1,
    0,
  ],
  [
    'what came back just now makes up for what was taken since',
    [ledger([1, -520, 20], [4, 100, 40], [2, 490, 50])],
    10,
    500,
    1,
    0,
  ],
  ['room is taken by a request that was on its way', [ledger([2, 510, 100])], 10, 500, 1, 0],
  ['room is taken by a request that was sent later', [ledger([3, 510, 100])], 10, 500, 1, 1],
  ['room is taken by a request that lingered on its way', [ledger([2, 560, 100])], 10, 500, 1, 1],
  ['room is taken by an attempt of nobody known', [ledger([9, 510, 100])], 10, 500, 1, 1],
] as const)(
  'a refusal is judged by the room that backends had: %s',
  (_case, ledgers, tokens, atMs, atThatMoment, knowably) => {
    expect(judgeRefusals([{ tokens, atMs }], ledgers, sentAtMs, travelMs)).toEqual({
      atThatMoment,
      knowably,
    });
  },
);

test('what a backend refused takes no room', () => {
  const refusing = { ...full, entries: full.entries.map((entry) => ({ ...entry, isAdmitted: false })) };
  const refusal = { tokens: 100, atMs: 500 };
  expect(judgeRefusals([refusal], [refusing], sentAtMs, travelMs)).toEqual({ atThatMoment: 1, knowably: 1 });
});
