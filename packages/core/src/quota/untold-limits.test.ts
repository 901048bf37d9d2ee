import { expect, test } from 'vitest';
import type { RateReport } from '../azure/quota-headers.ts';
import type { QuotaSettings } from '../backend.ts';
import type { Charge } from './charge.ts';
import { Quota } from './quota.ts';

const UNTOLD: RateReport = {
  limitTokens: undefined,
  remainingTokens: undefined,
  limitRequests: undefined,
  remainingRequests: undefined,
  utilization: undefined,
};
const estimate = (tokens: number) => ({ promptTokens: tokens, outputTokens: 0 });
const makeQuota = (settings: QuotaSettings = {}) =>
  new Quota(settings, { tokenWindowMs: 60_000, requestWindowMs: 10_000 });
const send = (quota: Quota, tokens: number, nowMs: number) => quota.charge(estimate(tokens), nowMs);
const take = (quota: Quota, charge: Charge, nowMs: number, report?: Partial<RateReport>) => {
  quota.noteTaken(charge, nowMs);
  if (report !== undefined) quota.observe(charge, { ...UNTOLD, ...report }, nowMs);
};
const refuse = (quota: Quota, charge: Charge, nowMs: number, policy?: 'requests' | 'tokens') => {
  quota.refund(charge, nowMs);
  return quota.noteRefused(charge, policy, nowMs);
};
/** One request of this many tokens every this many ms, each accepted. Returns when the next is due. */
const takeSteadily = (quota: Quota, tokens: number, everyMs: number, [fromMs, untilMs]: [number, number]) => {
  let nowMs = fromMs;
  for (; nowMs < untilMs; nowMs += everyMs) take(quota, send(quota, tokens, nowMs), nowMs + 10);
  return nowMs;
};

test('a limit on tokens that is not told is learned from the first refusal of more than was ever taken', () => {
  const quota = makeQuota();
  const nowMs = takeSteadily(quota, 100, 1000, [0, 100_000]);
  expect(refuse(quota, send(quota, 500, nowMs), nowMs + 10)).toBe(true);
  expect(quota.hasRoomAt(estimate(500), 0, nowMs + 10)).toBe(false);
  expect(quota.hasRoomAt(estimate(50), 0, nowMs + 10)).toBe(true);
  expect(quota.headroomAt(nowMs + 10).limitTokens).toBeGreaterThan(6000);
  expect(quota.headroomAt(nowMs + 10).limitTokens).toBeLessThan(6500);
});

test('a limit on requests within ten seconds that is not told is learned from a refusal of more than ever came in ten', () => {
  const quota = makeQuota();
  let nowMs = takeSteadily(quota, 100, 1000, [0, 100_000]);
  for (let request = 0; request < 5; request++) take(quota, send(quota, 1, nowMs), (nowMs += 10));
  expect(refuse(quota, send(quota, 1, nowMs), nowMs + 10, 'requests')).toBe(true);
  expect(quota.hasRoomAt(estimate(1), 0, nowMs + 10)).toBe(false);
  expect(quota.hasRoomAt(estimate(1), 0, nowMs + 10_100)).toBe(true);
});

test('a window of one second is learned once there was a refusal that nothing else explains, and a quarter of a minute to watch it', () => {
  const quota = makeQuota();
  const told = { limitRequests: 600, remainingRequests: 400, limitTokens: 1e6, remainingTokens: 9e5 };
  let nowMs = 0;
  const bursts = (untilMs: number) => {
    const shown: boolean[] = [];
    for (; nowMs < untilMs; nowMs += 4000) {
      const burst = Array.from({ length: 5 }, (_, at) => send(quota, 100, nowMs + at));
      for (const charge of burst.slice(0, 3)) take(quota, charge, nowMs + 20, told);
      for (const charge of burst.slice(3)) shown.push(refuse(quota, charge, nowMs + 30, 'requests'));
    }
    return shown;
  };
  expect(bursts(16_000)).not.toContain(true);
  bursts(80_000);
  for (let request = 0; request < 3; request++) {
    expect(quota.hasRoomAt(estimate(100), 0, nowMs)).toBe(true);
    take(quota, send(quota, 100, nowMs), nowMs + 10);
  }
  expect(quota.hasRoomAt(estimate(100), 0, nowMs)).toBe(false);
  expect(quota.hasRoomAt(estimate(100), 0, nowMs + 1100)).toBe(true);
});

test.each<[string, 'requests' | 'tokens' | undefined, Partial<RateReport>, boolean]>([
  ['nothing is told', undefined, {}, true],
  ['a refusal says that it is for tokens', 'tokens', {}, true],
  ['a refusal says that it is for requests, which were as many before', 'requests', {}, false],
  ['less is told to be left than is asked', undefined, { limitTokens: 9000, remainingTokens: 100 }, false],
  ['there is not much more told to be left', undefined, { limitTokens: 9000, remainingTokens: 900 }, false],
  ['plenty is told to be left', 'tokens', { limitTokens: 90_000, remainingTokens: 80_000 }, false],
])('where %s, a refusal of 500 tokens shows a limit: %s, %j, %j', (_, policy, report, isShown) => {
  const quota = makeQuota();
  const halfwayMs = takeSteadily(quota, 50, 500, [0, 80_000]);
  const nowMs = takeSteadily(quota, 100, 1000, [halfwayMs, 100_000]);
  take(quota, send(quota, 100, nowMs), nowMs + 10, report);
  expect(refuse(quota, send(quota, 500, nowMs + 20), nowMs + 30, policy)).toBe(isShown);
});

test('a refusal shows no limit where few of the requests are ours', () => {
  const quota = makeQuota();
  const nowMs = takeSteadily(quota, 100, 15_000, [0, 120_000]);
  expect(refuse(quota, send(quota, 500, nowMs), nowMs + 10)).toBe(false);
  expect(quota.hasRoomAt(estimate(5000), 0, nowMs + 10)).toBe(true);
});

test('what is told ends what was learned', () => {
  const quota = makeQuota();
  const nowMs = takeSteadily(quota, 100, 1000, [0, 100_000]);
  refuse(quota, send(quota, 500, nowMs), nowMs + 10);
  take(quota, send(quota, 50, nowMs + 20), nowMs + 30, { limitTokens: 50_000, remainingTokens: 43_000 });
  expect(quota.headroomAt(nowMs + 30)).toMatchObject({ limitTokens: 50_000 });
  expect(quota.hasRoomAt(estimate(5000), 0, nowMs + 30)).toBe(true);
});

test('a limit is forgotten when it was tried beyond it, and that was taken', () => {
  const quota = makeQuota();
  const nowMs = takeSteadily(quota, 100, 1000, [0, 100_000]);
  refuse(quota, send(quota, 500, nowMs), nowMs + 10);
  const probe = send(quota, 5000, nowMs + 20);
  expect(probe.isProbe).toBe(true);
  quota.judgeProbe(probe, false, nowMs + 25);
  expect(quota.hasRoomAt(estimate(50_000), 0, nowMs + 30)).toBe(true);
});

test('after many refusals that no limit explains, none is believed, until as many are explained', () => {
  const quota = makeQuota();
  let nowMs = takeSteadily(quota, 100, 1000, [0, 100_000]);
  refuse(quota, send(quota, 500, nowMs), nowMs + 10);
  expect(quota.headroomAt(nowMs + 10).limitTokens).toBeDefined();
  // Half of the steady usage is left when others come.
  nowMs = 130_000;
  for (let second = 0; second < 10; second++)
    expect(refuse(quota, send(quota, 100, nowMs), (nowMs += 1000))).toBe(false);
  expect(quota.headroomAt(nowMs).limitTokens).toBeUndefined();
  nowMs = takeSteadily(quota, 100, 1000, [nowMs, nowMs + 200_000]);
  const shown = Array.from({ length: 8 }, () => refuse(quota, send(quota, 500, nowMs), nowMs + 10));
  expect(shown.slice(0, 5)).toEqual([false, false, false, false, false]);
  expect(shown.at(-1)).toBe(true);
});
