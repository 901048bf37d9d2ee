import type { AttemptRecord, Backend, Outcome } from '@spillway/core';
import { expect, test } from 'vitest';
import { describeOutcome, FailoverLog } from './failover-log.ts';

const backend = (name: string): Backend => ({ name, priority: 1, weight: 1 });
const attempt = (name: string, outcome: Outcome, deployment = 'gpt-4o'): AttemptRecord => ({
  number: 1,
  startedMs: 0,
  backend: backend(name),
  deployment,
  outcome,
  durationMs: 1,
});
const THROTTLED: Outcome = { kind: 'throttled', status: 429, retryAfterMs: undefined };
const REFUSED: Outcome = { kind: 'unreachable', failure: 'refused', wasSent: false };

test('alike failovers in short succession are one, and the newest come first', () => {
  const log = new FailoverLog();
  log.note(attempt('a', THROTTLED), attempt('b', THROTTLED), 0);
  log.note(attempt('a', REFUSED), attempt('b', THROTTLED), 1000);
  log.note(attempt('a', THROTTLED), attempt('b', THROTTLED), 9000);
  log.note(attempt('a', THROTTLED, 'gpt-4'), attempt('b', THROTTLED), 9500);
  log.note(attempt('a', THROTTLED), attempt('b', THROTTLED), 20_000);
  expect(log.newest).toEqual([
    { deployment: 'gpt-4o', from: 'a', reason: '429', to: 'b', count: 1, firstMs: 20_000, lastMs: 20_000 },
    { deployment: 'gpt-4', from: 'a', reason: '429', to: 'b', count: 1, firstMs: 9500, lastMs: 9500 },
    { deployment: 'gpt-4o', from: 'a', reason: '429', to: 'b', count: 2, firstMs: 0, lastMs: 9000 },
    {
      deployment: 'gpt-4o',
      from: 'a',
      reason: 'connection refused',
      to: 'b',
      count: 1,
      firstMs: 1000,
      lastMs: 1000,
    },
  ]);
});

test('no more than twenty groups are kept', () => {
  const log = new FailoverLog();
  for (let at = 0; at < 30; at++) log.note(attempt(`b${at}`, THROTTLED), attempt('b', THROTTLED), at);
  expect(log.newest.map(({ from }) => from)).toEqual(Array.from({ length: 20 }, (_, at) => `b${29 - at}`));
});

test.each<[Outcome, string]>([
  [THROTTLED, '429'],
  [REFUSED, 'connection refused'],
  [{ kind: 'unreachable', failure: 'header-timeout', wasSent: true }, 'no answer in time'],
  [{ kind: 'unavailable', status: 502, cause: 'server-error', retryAfterMs: undefined }, '502'],
  [
    { kind: 'unavailable', status: 200, cause: 'server-error', retryAfterMs: undefined },
    '200 without an answer',
  ],
  [{ kind: 'throttled', status: 200, retryAfterMs: undefined }, '200 without an answer'],
  [{ kind: 'succeeded', status: 200 }, '200'],
  [{ kind: 'unreachable', failure: 'broken-off', wasSent: true }, 'answers broke off'],
  [{ kind: 'aborted' }, 'aborted'],
])('%j is described as %s', (outcome, expected) => {
  expect(describeOutcome(outcome)).toBe(expected);
});
