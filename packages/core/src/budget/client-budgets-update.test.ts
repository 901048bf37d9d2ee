import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitted, asking, NOON_MS, spend, told } from '../testing/spend.ts';
import type { Budget } from './budget.ts';
import { ClientBudgets } from './client-budgets.ts';

const ask = (budgets: ClientBudgets, tokens: number, deployment?: string, nowMs = 0) =>
  budgets.admit(asking(tokens, 0, deployment), nowMs, NOON_MS);

test('a limit below what is spent refuses until enough of it is free', () => {
  const budgets = new ClientBudgets([{ tpm: 1000 }]);
  spend(budgets, 500);
  spend(budgets, 300, 10_000);
  budgets.update([{ tpm: 400 }]);
  expect(ask(budgets, 50, 'gpt-4o', 20_000)).toMatchObject({
    limit: 'tokens',
    limitValue: 400,
    retryMs: 40_000,
  });
  expect(budgets.remaining('gpt-4o', 20_000).tokens).toEqual({ limit: 400, remaining: 0, resetMs: 50_000 });
  expect(ask(budgets, 50, 'gpt-4o', 60_000).kind).toBe('admitted');
});

test('a limit that is raised has room at once, and one that is taken away never refuses', () => {
  const budgets = new ClientBudgets([
    { tpm: 100, rpm: 1, concurrent: 1, tokensPerDay: 100, tokensPerMonth: 100 },
  ]);
  const open = admitted(ask(budgets, 100));
  expect(ask(budgets, 1).kind).toBe('rate');
  budgets.update([{ tpm: 200, rpm: 2, concurrent: 2, tokensPerDay: 200, tokensPerMonth: 200 }]);
  admitted(ask(budgets, 1)).settle(told(1));
  budgets.update([{}]);
  admitted(ask(budgets, 1_000_000)).settle({ kind: 'unserved', hasReached: false });
  open.settle(told(90));
  expect(budgets.outstanding).toBe(0);
  budgets.update([{ tokensPerDay: 91 }]);
  expect(ask(budgets, 1)).toMatchObject({ limit: 'day', used: 91, reserved: 0 });
});

test('a limit of a day that comes later knows what was spent, and concurrent requests are known too', () => {
  const budgets = new ClientBudgets([{ tpm: 1000 }]);
  spend(budgets, 90);
  const open = admitted(ask(budgets, 5));
  budgets.update([{ tokensPerDay: 100, concurrent: 1 }]);
  expect(ask(budgets, 20)).toMatchObject({ limit: 'day', used: 95, reserved: 5 });
  expect(ask(budgets, 1)).toMatchObject({ limit: 'concurrent' });
  open.settle(told(5));
  expect(ask(budgets, 1).kind).toBe('admitted');
});

test('a budget is the same one as long as it covers the same deployments, in whatever order and letter case', () => {
  const budgets = new ClientBudgets([{ deployments: ['a', 'b'], tpm: 100 }]);
  admitted(ask(budgets, 100, 'a'));
  budgets.update([{ tpm: 1000 }, { deployments: ['b', 'a', 'b'], tpm: 100 }]);
  expect(ask(budgets, 1, 'b').kind).toBe('rate');
  budgets.update([{ deployments: ['A', 'b'], tpm: 100 }]);
  expect(ask(budgets, 1, 'a').kind).toBe('rate');
  budgets.update([{ deployments: ['a'], tpm: 100 }]);
  expect(ask(budgets, 1, 'a').kind).toBe('admitted');
});

test('a budget that comes back knows what was spent of it', () => {
  const budgets = new ClientBudgets([{ tokensPerDay: 100, concurrent: 1 }]);
  const open = admitted(ask(budgets, 80));
  budgets.update([]);
  expect(ask(budgets, 1000).kind).toBe('admitted');
  expect([budgets.report(0, NOON_MS), budgets.outstanding]).toEqual([[], 1]);
  open.settle(told(70));
  expect(budgets.state().budgets).toMatchObject([{ deployments: null, day: { used: 70 } }]);
  budgets.update([{ tokensPerDay: 100, concurrent: 1 }]);
  expect(ask(budgets, 31)).toMatchObject({ limit: 'day', used: 70, reserved: 0 });
});

test('of budgets that are no longer configured only so many are remembered', () => {
  const budgets = new ClientBudgets([]);
  for (let reload = 0; reload < 500; reload++) {
    budgets.update([{ deployments: [`d${reload}`], tokensPerDay: 100 }]);
    admitted(ask(budgets, 10, `d${reload}`)).settle(told(10));
  }
  expect(budgets.state().budgets).toHaveLength(101);
});

test('of budgets that cover the same deployments the lowest of each limit counts', () => {
  const budgets = new ClientBudgets([
    { deployments: ['a', 'b'], tpm: 500, rpm: 7 },
    { deployments: ['b', 'a'], tpm: 300, tokensPerDay: 900 },
  ]);
  expect(budgets.report(0, NOON_MS)).toMatchObject([
    { limits: [{ limitValue: 300 }, { limitValue: 7 }, { limit: 'day', limitValue: 900 }] },
  ]);
});

test('a deployment whose name every object has is one like any other', () => {
  const budgets = new ClientBudgets([{ deployments: ['constructor', '__proto__'], rpm: 1 }]);
  admitted(ask(budgets, 1, '__proto__'));
  expect([ask(budgets, 1, 'constructor').kind, ask(budgets, 1, 'toString').kind]).toEqual([
    'rate',
    'admitted',
  ]);
});

test('however limits change under requests, nothing is outstanding in the end and usage is what was settled', () => {
  const limits = fc.option(fc.integer({ min: 100, max: 5000 }), { nil: undefined });
  const budgets = fc.array(
    fc.record<Budget>({
      deployments: fc.constantFrom(undefined, ['a'], ['a', 'b'], ['b']),
      tpm: limits,
      rpm: limits,
      concurrent: limits,
      tokensPerDay: limits,
    }),
    { maxLength: 4 },
  );
  const steps = fc.array(
    fc.record({
      budgets: fc.option(budgets, { freq: 5 }),
      deployment: fc.constantFrom('a', 'b', 'c'),
      tokens: fc.nat(900),
      endsAfter: fc.nat(9),
    }),
    { maxLength: 100, size: 'max' },
  );
  fc.assert(
    fc.property(steps, (some) => {
      const client = new ClientBudgets([{ tpm: 1000 }]);
      const all: { admission: ReturnType<typeof admitted>; end: number }[] = [];
      for (const [index, { budgets, deployment, tokens, endsAfter }] of some.entries()) {
        if (budgets !== null) client.update(budgets);
        const answer = client.admit(asking(tokens, 0, deployment), index * 1000, NOON_MS);
        if (answer.kind === 'admitted') all.push({ admission: answer, end: index + endsAfter });
        for (const { admission, end } of all) if (end <= index) admission.settle(told(7));
      }
      for (const { admission } of all) admission.settle(told(7));
      expect(client.outstanding).toBe(0);
      client.update(
        [undefined, ['a'], ['a', 'b'], ['b']].map((deployments) => ({
          deployments,
          concurrent: 1,
          tokensPerDay: 1e9,
        })),
      );
      const reports = client.report(1e9, NOON_MS);
      expect(reports.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 0]);
      expect(reports.every(({ limits }) => (limits[1]?.used ?? -1) % 7 === 0)).toBe(true);
    }),
  );
});
