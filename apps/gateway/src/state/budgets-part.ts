import { type BudgetsState, ClientBudgets } from '@spillway/core';
import { z } from 'zod';
import type { StatePart } from './state-part.ts';

const period = z.strictObject({ period: z.string(), used: z.number().min(0) }).optional();
const budget = z.strictObject({
  deployments: z.array(z.string()).nullable(),
  day: period,
  month: period,
});
const saved = z.record(z.string(), z.strictObject({ budgets: z.array(budget) }));

type Saved = z.output<typeof saved>;
type Budget = z.output<typeof budget>;

/** What clients have spent of the day and the month, by their names; of those that are no longer configured as well. */
export class BudgetsPart implements StatePart {
  readonly name = 'budgets';
  readonly #budgets: Map<string, ClientBudgets>;

  constructor(budgets: Map<string, ClientBudgets>) {
    this.#budgets = budgets;
  }

  save(): Record<string, BudgetsState> {
    return Object.fromEntries([...this.#budgets].map(([name, budgets]) => [name, budgets.state()]));
  }

  restore(value: unknown, before: unknown): void {
    const states = saved.parse(value);
    const earlier: Saved = before === undefined ? {} : saved.parse(before);
    for (const [name, { budgets }] of Object.entries(states)) {
      // Of a client that is not known yet; it gets its limits when it is.
      const known = this.#budgets.get(name) ?? new ClientBudgets([]);
      this.#budgets.set(name, known);
      const current = saved.parse({ [name]: JSON.parse(JSON.stringify(known.state())) })[name];
      known.restore({
        budgets: budgets.map((one) => added(one, sameOf(earlier[name], one), sameOf(current, one))),
      });
    }
  }
}

/** Returns the budget of the same deployments. */
function sameOf(state: Saved[string] | undefined, { deployments }: Budget): Budget | undefined {
  const cover = JSON.stringify(deployments);
  return state?.budgets.find((other) => JSON.stringify(other.deployments) === cover);
}

/** Returns what is known by now together with what another process has counted since `before`. */
function added(value: Budget, before: Budget | undefined, current: Budget | undefined): Budget {
  const sum = (limit: 'day' | 'month') => {
    const state = value[limit];
    if (state === undefined) return undefined;
    const usedIn = (other: Budget | undefined) =>
      other?.[limit]?.period === state.period ? (other[limit]?.used ?? 0) : 0;
    return { period: state.period, used: Math.max(0, state.used - usedIn(before)) + usedIn(current) };
  };
  return { deployments: value.deployments, day: sum('day'), month: sum('month') };
}
