import { expect, test } from 'vitest';
import { seeded, wholeFrom } from '../../test/testing/random.ts';
import { factorAt, timeCut } from './quota-cuts.ts';
import { StandardDeployment } from './standard-deployment.ts';
import type { CallSize } from './estimate-tokens.ts';
import type { Judgement } from './judgement.ts';
import type { StandardQuota } from './quota.ts';

function deployment(quota: Partial<StandardQuota>): StandardDeployment {
  return new StandardDeployment({ kind: 'standard', ...quota }, 'gpt-35-turbo');
}

const call = (promptTokens: number, maxTokens?: number): CallSize => ({ prompt: [promptTokens], maxTokens });

/** `ok`, or the limit that refused a call and the time to wait. */
function told(judgement: Judgement): string {
  return judgement.kind === 'admitted' ? 'ok' : `${judgement.by} ${judgement.waitMs}`;
}

function remainingTokens({ usage }: Judgement): number | undefined {
  return usage.kind === 'rates' ? usage.remainingTokens : undefined;
}

test('charges prompt and max_tokens on arrival and gives them back exactly 60 s later (WIRE 4c)', () => {
  const limits = deployment({ tpm: 10_000 });
  const size = call(61, 2000);
  const first = [0, 1000, 2000, 3000].map((nowMs) => remainingTokens(limits.judge(size, nowMs)));
  expect(first).toEqual([7939, 5878, 3817, 1756]);
  expect(told(limits.judge(size, 4000))).toBe('tokens 56000');
  expect(told(limits.judge(size, 59_999))).toBe('tokens 1');
  expect(told(limits.judge(size, 60_000))).toBe('ok');
  expect(told(limits.judge(size, 60_000))).toBe('tokens 1000');
});

test('with a fixed window all tokens come back at the minute', () => {
  const limits = deployment({ tpm: 1000, rpm: false, window: 'fixed' });
  expect(told(limits.judge(call(0, 1000), 50_000))).toBe('ok');
  expect(told(limits.judge(call(0, 1000), 59_000))).toBe('tokens 1000');
  expect(told(limits.judge(call(0, 1000), 60_000))).toBe('ok');
});

test('12 requests a minute are 2 in any 10 s (WIRE 4c)', () => {
  const limits = deployment({ rpm: 12 });
  const judged = [0, 4000, 5000, 9999, 10_000, 13_000, 14_000].map((nowMs) =>
    told(limits.judge(call(1), nowMs)),
  );
  expect(judged).toEqual(['ok', 'ok', 'requests 5000', 'requests 1', 'ok', 'requests 1000', 'ok']);
});

test('300 requests a minute by the second are 5, while the headers tell the rest of 10 s (WIRE 4c)', () => {
  const limits = deployment({ rpm: 300, requestWindowMs: 1000, reportedWindowMs: 10_000 });
  for (let count = 0; count < 5; count += 1) expect(told(limits.judge(call(1), 0))).toBe('ok');
  const sixth = limits.judge(call(1), 0);
  expect(told(sixth)).toBe('requests 1000');
  expect(sixth.usage).toEqual({
    kind: 'rates',
    limitRequests: 50,
    remainingRequests: 45,
    limitTokens: undefined,
    remainingTokens: undefined,
  });
});

test('a rejected call is not charged', () => {
  const limits = deployment({ tpm: 1000, rpm: 6 });
  expect(told(limits.judge(call(600), 0))).toBe('ok');
  for (let nowMs = 1; nowMs < 100; nowMs += 1) expect(limits.judge(call(600), nowMs).kind).toBe('refused');
  expect(limits.usageAt(100)).toMatchObject({ remainingTokens: 1000 - 616, remainingRequests: 0 });
  expect(told(limits.judge(call(300), 10_000))).toBe('ok');
});

const costs: [Partial<StandardQuota>, CallSize, number][] = [
  [{}, call(100), 116],
  [{ maxTokensDefault: 1000 }, call(100), 1100],
  [{ maxTokensDefault: 0 }, call(100), 100],
  [{ charge: 'max-tokens' }, call(100), 16],
  [{ charge: 'max-tokens' }, call(100, 50), 50],
  [{ charge: 'max-tokens' }, call(100, 0), 100],
  [{}, call(100, 0), 100],
  [{}, { prompt: ['x'.repeat(100)], maxTokens: 0 }, 25],
  [{ charactersPerToken: 1.6 }, { prompt: ['x'.repeat(100)], maxTokens: 0 }, 63],
];

test.each(costs)('with %j a call of %j is charged %i tokens', (quota, size, tokens) => {
  expect(deployment({ tpm: 10_000, ...quota }).judge(size, 0)).toMatchObject({ tokens });
});

test('the limit that has to be waited for the longest is the one that is told', () => {
  const limits = deployment({ tpm: 1000, rpm: 6 });
  limits.judge(call(0, 900), 0);
  expect(told(limits.judge(call(0, 50), 1000))).toBe('requests 9000');
  expect(told(limits.judge(call(0, 500), 1000))).toBe('tokens 59000');
});

test('a call beyond the whole limit never fits, and is told a minute', () => {
  const limits = deployment({ tpm: 1000 });
  expect(told(limits.judge(call(1001, 0), 0))).toBe('tokens 60000');
  expect(told(limits.judge(call(1000, 0), 0))).toBe('ok');
});

test('a cut lowers both limits for its time, and a refusal waits no longer than it lasts', () => {
  const limits = deployment({ tpm: 1000, rpm: 60, cuts: [{ factor: 0.1, afterMs: 5000, forMs: 20_000 }] });
  expect(limits.usageAt(0)).toMatchObject({ limitTokens: 1000, limitRequests: 10 });
  expect(limits.usageAt(5000)).toMatchObject({ limitTokens: 100, limitRequests: 1 });
  expect(told(limits.judge(call(200, 0), 6000))).toBe('tokens 19000');
  expect(told(limits.judge(call(100, 0), 6000))).toBe('ok');
  expect(told(limits.judge(call(1, 0), 6000))).toBe('tokens 19000');
  expect(told(limits.judge(call(900, 0), 25_000))).toBe('ok');
});

test('a cut to nothing refuses everything until it ends', () => {
  const limits = deployment({ rpm: 60 });
  limits.cut({ factor: 0, forMs: 3000 }, 1000);
  expect(told(limits.judge(call(1), 0))).toBe('ok');
  expect(told(limits.judge(call(1), 1500))).toBe('requests 2500');
  expect(told(limits.judge(call(1), 4000))).toBe('ok');
});

test('a wait that would end within a later cut lasts until that is over', () => {
  const limits = deployment({ rpm: 6, cuts: [{ factor: 0, afterMs: 9000, forMs: 6000 }] });
  limits.judge(call(1), 0);
  expect(told(limits.judge(call(1), 1000))).toBe('requests 14000');
});

test('under any traffic and cuts it admits exactly what fits, and what it refuses fits when it says', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const pick = wholeFrom(seeded(seed));
    const tpm = pick(100, 5000);
    const rpm = pick(1, 60) * 6;
    const cuts = Array.from({ length: pick(0, 3) }, () => ({
      factor: pick(1, 9) / 10,
      afterMs: pick(0, 100_000),
      forMs: pick(1, 60_000),
    }));
    const timed = cuts.map((cut) => timeCut(cut, 0));
    const make = () => deployment({ tpm, rpm, cuts });
    const limits = make();
    const admitted: { atMs: number; tokens: number }[] = [];
    let nowMs = 0;
    for (let index = 0; index < 120; index += 1) {
      nowMs += pick(0, 4) === 0 ? pick(0, 30_000) : pick(0, 300);
      const tokens = pick(1, Math.floor(tpm / 4));
      const factor = factorAt(timed, nowMs);
      const minute = admitted.filter(({ atMs }) => atMs + 60_000 > nowMs);
      const tenSeconds = admitted.filter(({ atMs }) => atMs + 10_000 > nowMs);
      const used = minute.reduce((total, one) => total + one.tokens, 0);
      const fits =
        used + tokens <= Math.floor(tpm * factor + 1e-9) &&
        tenSeconds.length + 1 <= Math.ceil((rpm * factor) / 6 - 1e-9);
      const judgement = limits.judge(call(tokens, 0), nowMs);
      expect(judgement.kind, `seed ${seed}, call ${index}`).toBe(fits ? 'admitted' : 'refused');
      if (judgement.kind === 'admitted') {
        admitted.push({ atMs: nowMs, tokens });
        continue;
      }
      // The same past again: the wait ends neither too late nor too soon.
      const [soon, late] = [make(), make()];
      for (const one of admitted)
        for (const again of [soon, late]) again.judge(call(one.tokens, 0), one.atMs);
      const endMs = nowMs + judgement.waitMs;
      expect(soon.judge(call(tokens, 0), endMs - 1).kind, `seed ${seed}, call ${index}`).toBe('refused');
      expect(late.judge(call(tokens, 0), endMs).kind, `seed ${seed}, call ${index}`).toBe('admitted');
    }
  }
});
