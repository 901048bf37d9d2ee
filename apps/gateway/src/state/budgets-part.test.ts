import { type BudgetsState, ClientBudgets } from '@spillway/core';
import { expect, test } from 'vitest';
import { BudgetsPart } from './budgets-part.ts';

const spent = (used: number, period = '2026-11', name = 'chat'): Record<string, BudgetsState> => ({
  [name]: { budgets: [{ deployments: null, month: { period, used } }] },
});

const spentBy = (deployments: string[], used: number): Record<string, BudgetsState> => ({
  chat: { budgets: [{ deployments, month: { period: '2026-11', used } }] },
});

function startPart() {
  const budgets = new Map<string, ClientBudgets>();
  const part = new BudgetsPart(budgets);
  return { budgets, part, saved: () => JSON.parse(JSON.stringify(part.save())) as unknown };
}

test('what was spent is known before the clients are, and stays when they get their limits', () => {
  const { budgets, part, saved } = startPart();
  part.restore(spent(7), undefined);
  budgets.get('chat')?.update([{ tokensPerMonth: 10 }]);
  expect(saved()).toEqual(spent(7));
});

test('what another process has spent since is added to what this one has, and nothing twice', () => {
  const { part, saved } = startPart();
  part.restore(spent(5), undefined);
  part.restore(spent(15), spent(5));
  part.restore(spent(15), spent(15));
  expect(saved()).toEqual(spent(15));
  part.restore(spent(3, '2026-12'), spent(15));
  expect(saved()).toEqual(spent(3, '2026-12'));
  part.restore(spent(99), spent(15));
  expect(saved()).toEqual(spent(3, '2026-12'));
});

test('what another process has spent is added in whatever order and letter case it names the deployments', () => {
  const { budgets, part } = startPart();
  const before = spentBy(['b', 'a'], 0);
  part.restore(before, undefined);
  budgets.set('chat', new ClientBudgets([{ deployments: ['b', 'a'] }]));
  budgets.get('chat')?.restore(spentBy(['b', 'a'], 7)['chat'] as BudgetsState);
  part.restore(spentBy(['A', 'b'], 5), before);
  expect(part.save()['chat']?.budgets).toMatchObject([{ month: { used: 12 } }]);
});

test.each(['constructor', 'toString', '__proto__'])(
  'a client named as what every object has is restored as any other: %s',
  (name) => {
    const { part, saved } = startPart();
    const kept = (used: number) =>
      JSON.parse(JSON.stringify({ ...spent(used, '2026-11', name), ...spent(7) })) as unknown;
    part.restore(kept(5), undefined);
    expect(saved()).toEqual(kept(5));
    part.restore(kept(15), kept(5));
    expect(saved()).toEqual(kept(15));
  },
);

test.each([
  [null],
  [[]],
  [{ chat: 1 }],
  [{ chat: { budgets: [{ deployments: null, day: { period: 1 } }] } }],
])('what makes no sense is refused as a whole: %j', (value) => {
  const { part, saved } = startPart();
  expect(() => part.restore(value, undefined)).toThrow(/Invalid/);
  expect(saved()).toEqual({});
});
