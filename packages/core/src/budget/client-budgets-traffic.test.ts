import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOON_MS } from '../testing/spend.ts';
import type { Admission, Ending } from './admission.ts';
import type { Budget } from './budget.ts';
import { ClientBudgets } from './client-budgets.ts';

const MINUTE_MS = 60_000;
/** Charges this close together may count as one, and so a little longer. */
const GRAIN_MS = 30;

/** A request, ms after the one before, and its course. */
interface Call {
  readonly gapMs: number;
  readonly lastsMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** The part of the allowed answer that is produced. */
  readonly part: number;
  readonly ending: 'told' | 'untold' | 'refused' | 'never sent' | 'stays';
}

/** The amounts that budgets must count, kept as plainly as possible. */
interface Charge {
  readonly atMs: number;
  readonly endMs: number;
  tokens: number;
  requests: number;
  readonly admission: Admission;
  readonly call: Call;
}

const endings = ['told', 'untold', 'refused', 'never sent'] as const;

const calls = (maxGapMs: number, some: readonly Call['ending'][] = [...endings, 'stays']) =>
  fc.array(
    fc.record<Call>({
      gapMs: fc.nat(maxGapMs),
      lastsMs: fc.nat(90_000),
      promptTokens: fc.integer({ min: 1, max: 400 }),
      outputTokens: fc.nat(600),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      ending: fc.constantFrom(...some),
    }),
    { minLength: 1, maxLength: 200, size: 'max' },
  );
const limits = fc.record<Budget>({
  tpm: fc.integer({ min: 1000, max: 20_000 }),
  rpm: fc.integer({ min: 1, max: 60 }),
  concurrent: fc.integer({ min: 1, max: 40 }),
});

const madeOf = ({ outputTokens, part }: Call) => Math.floor(outputTokens * part);

function endingOf(call: Call): Ending {
  const { promptTokens } = call;
  switch (call.ending) {
    case 'told':
      return { kind: 'told', usage: { promptTokens, outputTokens: madeOf(call) } };
    case 'untold':
      return { kind: 'untold', outputTokens: madeOf(call) };
    case 'refused':
      return { kind: 'unserved', hasReached: true };
    case 'never sent':
      return { kind: 'unserved', hasReached: false };
    case 'stays':
      return { kind: 'untold' };
  }
}

/** Settles a charge, in the budgets and here. */
function settle(charge: Charge): void {
  const { call, admission } = charge;
  admission.settle(endingOf(call));
  admission.settle({ kind: 'unserved', hasReached: false });
  if (call.ending === 'refused' || call.ending === 'never sent') charge.tokens = 0;
  else if (call.ending !== 'stays') charge.tokens = call.promptTokens + madeOf(call);
  if (call.ending === 'never sent') charge.requests = 0;
}

const sumOf = (charges: readonly Charge[], what: 'tokens' | 'requests', fromMs: number) =>
  charges.filter(({ atMs }) => atMs > fromMs).reduce((sum, charge) => sum + charge[what], 0);

/** Plays calls in virtual time, and checks each answer against the amounts that counted then. */
function play(
  budgets: ClientBudgets,
  some: readonly Call[],
  look: (
    answer: ReturnType<ClientBudgets['admit']>,
    call: Call,
    counted: readonly Charge[],
    nowMs: number,
  ) => void,
): readonly Charge[] {
  const charges: Charge[] = [];
  let nowMs = 0;
  const open = new Set<Charge>();
  const settleUntil = (untilMs: number) => {
    for (const charge of [...open].sort((one, other) => one.endMs - other.endMs)) {
      if (charge.endMs > untilMs) return;
      settle(charge);
      open.delete(charge);
    }
  };
  for (const call of some) {
    nowMs += call.gapMs;
    settleUntil(nowMs);
    const { promptTokens, outputTokens } = call;
    const answer = budgets.admit(
      { deployment: 'gpt-4o', estimate: { promptTokens, outputTokens } },
      nowMs,
      NOON_MS,
    );
    look(answer, call, charges, nowMs);
    expect(budgets.outstanding).toBe(open.size + (answer.kind === 'admitted' ? 1 : 0));
    if (answer.kind !== 'admitted') continue;
    const endMs = nowMs + call.lastsMs;
    const charge = {
      atMs: nowMs,
      endMs,
      tokens: promptTokens + outputTokens,
      requests: 1,
      admission: answer,
      call,
    };
    charges.push(charge);
    open.add(charge);
  }
  settleUntil(Number.POSITIVE_INFINITY);
  return charges;
}

test('whatever comes, it is admitted exactly where every limit has room', () => {
  fc.assert(
    fc.property(
      limits,
      fc.boolean().chain((isBurst) => calls(isBurst ? 2 : 5000)),
      (budget, some) => {
        const budgets = new ClientBudgets([budget]);
        play(budgets, some, (answer, call, counted, nowMs) => {
          const inFlight = counted.filter(({ endMs }) => endMs > nowMs).length;
          const needed = { tokens: call.promptTokens + call.outputTokens, requests: 1 };
          const [tpm, rpm, concurrent] = [budget.tpm!, budget.rpm!, budget.concurrent!];
          const least = (what: 'tokens' | 'requests') =>
            sumOf(counted, what, nowMs - MINUTE_MS) + needed[what];
          const most = (what: 'tokens' | 'requests') =>
            sumOf(counted, what, nowMs - MINUTE_MS - GRAIN_MS) + needed[what];
          const mustFit = most('tokens') <= tpm && most('requests') <= rpm && inFlight < concurrent;
          const mayFit = least('tokens') <= tpm && least('requests') <= rpm && inFlight < concurrent;
          expect(answer.kind === 'admitted' ? mayFit : !mustFit).toBe(true);
        });
      },
    ),
  );
});

test('whatever comes, no 60 seconds have more than the limit as long as no answer is longer than allowed', () => {
  fc.assert(
    fc.property(limits, calls(1000), ({ tpm, rpm }, some) => {
      const charges = play(new ClientBudgets([{ tpm, rpm }]), some, () => {});
      for (const { atMs } of charges) {
        const window = charges.filter((charge) => charge.atMs <= atMs);
        expect(sumOf(window, 'tokens', atMs - MINUTE_MS)).toBeLessThanOrEqual(tpm!);
        expect(sumOf(window, 'requests', atMs - MINUTE_MS)).toBeLessThanOrEqual(rpm!);
      }
    }),
  );
});

test('200 requests at once spend a budget to the last estimate, and not one more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 40_000 }), fc.integer({ min: 1, max: 400 }), (limit, tokens) => {
      const limits: Budget[] = [{ tpm: limit }, { tokensPerDay: limit }, { tokensPerMonth: limit }];
      for (const budget of limits) {
        const budgets = new ClientBudgets([budget]);
        let count = 0;
        for (let request = 0; request < 200; request++) {
          const estimate = { promptTokens: Math.min(tokens, limit), outputTokens: 0 };
          if (budgets.admit({ deployment: 'gpt-4o', estimate }, 0, NOON_MS).kind === 'admitted') count++;
        }
        expect(count).toBe(Math.min(200, Math.floor(limit / Math.min(tokens, limit))));
      }
    }),
  );
});

test('whatever comes, a day is never more than one estimate over, nor refused while more than one is left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 60_000 }), calls(100, endings), (limit, some) => {
      const budgets = new ClientBudgets([{ tokensPerDay: limit }]);
      const charges = play(budgets, some, (answer, { promptTokens, outputTokens }) => {
        if (answer.kind === 'admitted') return;
        expect(answer).toMatchObject({ kind: 'quota', limit: 'day' });
        expect(answer.kind === 'quota' && limit - answer.used < promptTokens + outputTokens).toBe(true);
      });
      const used = charges.reduce((sum, { tokens }) => sum + tokens, 0);
      expect(used).toBeLessThanOrEqual(limit + 1000);
      expect(budgets.report(0, NOON_MS)[0]?.limits[0]?.used).toBe(used);
    }),
  );
});

test('whatever comes, a refusal charges nothing and its time is the first at which the request fits', () => {
  const several = fc.array(
    fc.record<Budget>({
      deployments: fc.constantFrom(undefined, ['gpt-4o'], ['gpt-4o', 'o3']),
      tpm: fc.option(fc.integer({ min: 1000, max: 9000 }), { nil: undefined }),
      rpm: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      tokensPerDay: fc.option(fc.integer({ min: 1000, max: 30_000 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(several, calls(3000), fc.nat(199), (configured, some, pick) => {
      const budgets = new ClientBudgets(configured);
      const last = some[pick % some.length]!;
      let nowMs = 0;
      play(budgets, some, (_, __, ___, atMs) => (nowMs = atMs));
      const { promptTokens, outputTokens } = last;
      const request = { deployment: 'gpt-4o', estimate: { promptTokens, outputTokens } };
      const stand = () =>
        JSON.stringify([budgets.report(nowMs, NOON_MS), budgets.state(), budgets.outstanding]);
      const before = stand();
      const answer = budgets.admit(request, nowMs, NOON_MS);
      if (answer.kind === 'admitted') return;
      expect(stand()).toBe(before);
      if (answer.kind !== 'rate' || answer.retryMs === 59_000) return;
      expect(budgets.admit(request, nowMs + answer.retryMs - 1, NOON_MS).kind).toBe('rate');
      expect(budgets.admit(request, nowMs + answer.retryMs, NOON_MS).kind).toBe('admitted');
    }),
  );
});

test('whatever comes, nothing is outstanding when all has ended, and what was spent is what was settled', () => {
  fc.assert(
    fc.property(calls(2000, endings), (some) => {
      const budgets = new ClientBudgets([
        { concurrent: 30, tokensPerDay: 1e9 },
        { deployments: ['gpt-4o'], concurrent: 50, tokensPerMonth: 1e9 },
      ]);
      const charges = play(budgets, some, () => {});
      const used = charges.reduce((sum, { tokens }) => sum + tokens, 0);
      expect(budgets.outstanding).toBe(0);
      expect(budgets.report(0, NOON_MS)).toMatchObject([
        { inFlight: 0, limits: [{ used: 0 }, { limit: 'day', used }] },
        { inFlight: 0, limits: [{ used: 0 }, { limit: 'month', used }] },
      ]);
    }),
  );
});
