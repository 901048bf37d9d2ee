import { expect, test } from 'vitest';
import { makeCall } from '@spillway/simulation/testing';
import { reckonFigures } from './figures.ts';
import { Tally } from './tally.ts';

test('the simulation reckons what policies are compared by', () => {
  const tally = new Tally(3);
  const calls = [0, 0, 1, 1].map((replica) => makeCall({ replica }));
  for (const call of calls) tally.countRequest(call);
  for (const call of calls.slice(0, 3)) tally.countSuccess(call);
  tally.countRefusal(true);
  tally.backendRefusals = 2;
  tally.attempts = 6;

  expect(reckonFigures({ tally, servedTokens: 300, allowedTokens: 400, inFlight: 0 })).toEqual({
    requests: 4,
    quotaShare: 0.75,
    backendRefusalsPerThousand: 500,
    attemptsPerSuccess: 2,
    refusedShare: 0.25,
    avoidableShare: 0.25,
    // The third replica had no clients. The shares of the others are 1 and 1/2.
    fairness: 0.9,
    worstReplica: 0.5,
    bestReplica: 1,
  });
});

test('a refusal that nobody could have avoided counts as a refusal only', () => {
  const tally = new Tally(1);
  tally.countRequest(makeCall());
  tally.countRefusal(false);
  const { refusedShare, avoidableShare } = reckonFigures({
    tally,
    servedTokens: 0,
    allowedTokens: 1,
    inFlight: 0,
  });
  expect([refusedShare, avoidableShare]).toEqual([1, 0]);
});
