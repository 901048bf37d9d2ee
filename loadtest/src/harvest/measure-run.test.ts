import { expect, test } from 'vitest';
import type { LedgerEntry } from './ledger/backend-ledger.ts';
import type { ClientAnswer } from './load/drive-load.ts';
import { measureRun } from './measure-run.ts';

const rates = { tokens: 100, tokenWindowMs: 1_000, requests: 10, requestWindowMs: 100 };

function answer(number: number, sentAtMs: number, tokens: number, status: number | undefined): ClientAnswer {
  const usage = status === 200 ? { promptTokens: tokens, cachedTokens: number } : undefined;
  const request = { number, atMs: 0, tokens, maxTokens: 16, isStreamed: false, conversation: undefined };
  return {
    request,
    lateMs: number,
    sentAtMs,
    answeredAtMs: sentAtMs + 20,
    endedAtMs: sentAtMs + 30,
    status,
    usage,
  };
}

function entry(requestNumber: number, judgedAtMs: number, tokens: number, isAdmitted: boolean): LedgerEntry {
  return { requestNumber, judgedAtMs, tokens, isAdmitted, tookMs: 20 };
}

const east = {
  name: 'east',
  rates,
  entries: [
    entry(1, 5, 60, true),
    entry(2, 1_010, 90, true),
    entry(3, 1_105, 50, false),
    entry(4, 1_201, 50, false),
  ],
};
const west = { name: 'west', rates, entries: [entry(3, 1_106, 50, true)] };
const answers = [
  answer(1, 0, 60, 200),
  answer(2, 1_005, 90, 200),
  answer(3, 1_100, 50, 200),
  answer(4, 1_200, 50, 429),
  answer(5, 1_300, 10, undefined),
];
const observation = { answers, ledgers: [east, west], fromMs: 1_000, toMs: 1_600, timeScale: 100 };

test('a run is measured by the requests that were sent in its measured time', () => {
  expect(measureRun(observation)).toEqual({
    requests: 4,
    succeeded: 2,
    refused: 1,
    failed: 1,
    attempts: 4,
    backendRefusals: 2,
    offeredTokens: 200,
    servedTokens: 140,
    allowedTokens: 90_000,
    promptTokens: 140,
    cachedTokens: 5,
    avoidable: { atThatMoment: 1, knowably: 1 },
    added: { count: 2, p50Ms: 10, p99Ms: 10, maxMs: 10 },
    late: { count: 0, p50Ms: NaN, p99Ms: NaN, maxMs: NaN },
    idle: { count: 0, p50Ms: NaN, p99Ms: NaN, maxMs: NaN },
    driverLateP99Ms: 5,
  });
});

test('a run whose ledgers do not replay is not measured', () => {
  const wrong = { ...west, entries: [entry(3, 1_106, 101, true)] };
  expect(() => measureRun({ ...observation, ledgers: [east, wrong] })).toThrow(
    '1 judgements of the backends cannot be replayed',
  );
});
