import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RunningQuota } from '../src/quota/running-quota.ts';
import { chatBody, chatPath, post } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { Charge } from '../src/quota/charge.ts';
import type { Limits } from '../src/quota/limits.ts';
import type { Quota } from '../src/quota/quota.ts';

/** The work of a ledger's reader: says for each charge, from those before it, whether it had room. */
function replay(charges: readonly Charge[], limits: Limits): boolean[] {
  return limits.kind === 'rates' ? replayRates(charges, limits) : replayUtilization(charges, limits);
}

function replayRates(charges: readonly Charge[], limits: Extract<Limits, { kind: 'rates' }>): boolean[] {
  const { tpm = Infinity, tokenWindowMs, requestsPerWindow = Infinity, requestWindowMs } = limits;
  return charges.map(({ tokens, quotaAtMs }, index) => {
    const earlier = charges.slice(0, index).filter((charge) => charge.isAdmitted);
    const counting = (windowMs: number) =>
      earlier.filter((charge) => charge.quotaAtMs + windowMs > quotaAtMs);
    const used = counting(tokenWindowMs).reduce((sum, charge) => sum + charge.tokens, 0);
    return used + tokens <= tpm && counting(requestWindowMs).length < requestsPerWindow;
  });
}

function replayUtilization(
  charges: readonly Charge[],
  { capacityTokens, emptiesInMs }: Extract<Limits, { kind: 'utilization' }>,
): boolean[] {
  let level = 0;
  let sinceMs = 0;
  return charges.map(({ tokens, quotaAtMs, isAdmitted, correctedBy = 0 }) => {
    level = Math.max(0, level - ((quotaAtMs - sinceMs) * capacityTokens) / emptiesInMs);
    sinceMs = quotaAtMs;
    const hasRoom = level - capacityTokens < 1e-3;
    if (isAdmitted) level = Math.max(0, level + tokens + correctedBy);
    return hasRoom;
  });
}

const calls = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.nat(50), fc.nat(5000)),
    prompt: fc.tuple(fc.nat(400)),
    maxTokens: fc.integer({ min: 1, max: 400 }),
    outputTokens: fc.nat(800),
  }),
  { maxLength: 120 },
);
const quotas: [string, Quota][] = [
  ['tokens and requests', { kind: 'standard', tpm: 2000, rpm: 60 }],
  ['requests by the second', { kind: 'standard', rpm: 120, requestWindowMs: 1000 }],
  ['a provisioned bucket, with its corrections', { kind: 'ptu', units: 1, bucketMs: 30_000 }],
];

test.each(quotas)('the charges of %s replay to the same judgements', (_, quota) => {
  const told = { admitted: 0, refused: 0 };
  fc.assert(
    fc.property(calls, fc.constantFrom(1, 60), (made, timeScale) => {
      const ledger = new RunningQuota({ '*': quota }, timeScale, 1000);
      let nowMs = 1000;
      const charges = made.map(({ afterMs, prompt, maxTokens, outputTokens }) => {
        nowMs += afterMs / timeScale;
        const judged = ledger.judge('x', { prompt, maxTokens }, nowMs);
        judged?.finish(outputTokens, nowMs);
        if (judged === undefined) throw new Error('is judged');
        told[judged.judgement.kind] += 1;
        return judged.charge;
      });
      const limits = ledger.stateAt(nowMs).deployments['x']?.limits;
      const expected = charges.map((charge) => charge.isAdmitted);
      expect(limits === undefined ? [] : replay(charges, limits)).toEqual(expected);
    }),
    { seed: 5, numRuns: 60 },
  );
  expect(told).toEqual({ admitted: expect.any(Number), refused: expect.any(Number) });
  expect(Math.min(told.admitted, told.refused)).toBeGreaterThan(50);
});

test('a request that was judged tells its charge and when it was judged, one that was not tells none', async () => {
  const quota = { 'gpt-4o': { kind: 'standard', tpm: 1000, rpm: 600 } } as const;
  const mock = await start({ quota, timeScale: 60 });
  const beforeMs = performance.timeOrigin + performance.now();
  await post(mock, chatPath, { ...chatBody, max_tokens: 900 });
  await post(mock, chatPath, { ...chatBody, max_tokens: 300 });
  await post(mock, chatPath, '{');
  const [first, second, third] = mock.requests;

  const common = { deployment: 'gpt-4o', judgedAtMs: expect.any(Number), quotaAtMs: expect.any(Number) };
  expect(first?.charge).toEqual({ ...common, isAdmitted: true, tokens: 902 });
  expect(second?.charge).toEqual({ ...common, isAdmitted: false, refusedBy: 'tokens', tokens: 302 });
  expect(third?.charge).toBeUndefined();
  expect(first?.charge?.judgedAtMs).toBeGreaterThanOrEqual(
    Math.max(beforeMs, first?.receivedAtMs ?? Infinity),
  );
  const { startedAtMs, timeScale } = mock.quota;
  expect(first?.charge?.quotaAtMs).toBeCloseTo(
    ((first?.charge?.judgedAtMs ?? 0) - startedAtMs) * timeScale,
    0,
  );

  const [controlled] = (await (await fetch(`${mock.controlUrl}/requests`)).json()) as { charge: object }[];
  expect(controlled?.charge).toMatchObject({ isAdmitted: true, tokens: 902 });
});

test('a provisioned call tells its correction when its answer is over', async () => {
  const mock = await start({ quota: 'ptu(units=10, family=gpt-4o)', completionTokens: 10 });
  await (await post(mock, chatPath, { ...chatBody, max_tokens: 750 })).text();
  await mock.idle();
  const charge = mock.requests[0]?.charge;
  expect(charge).toMatchObject({ isAdmitted: true, tokens: 752, correctedBy: 10 - 750 });
  expect(charge?.correctedAtMs).toBeGreaterThanOrEqual(charge?.judgedAtMs ?? Infinity);
  expect(mock.quota.deployments['gpt-4o']?.limits).toEqual({
    kind: 'utilization',
    capacityTokens: 25_000,
    emptiesInMs: 60_000,
  });
});
