import { type BudgetsState, ClientBudgets, coverOf } from '@spillway/core';
import { z } from 'zod';
import type { StatePart } from './state-part.ts';

const period = z.strictObject({ period: z.string(), used: z.number().min(0) }).optional();
const budget = z.strictObject({
  deployments: z.array(z.string()).nullable(),
  day: period,
  month: period,
});
const state = z.strictObject({ budgets: z.array(budget) });
/** A `Map`, as clients' names are free: every object has a `constructor`, and zod's records leave out `__proto__`. */
const saved = z.preprocess(entriesOf, z.array(z.tuple([z.string(), state]))).transform((all) => new Map(all));

type State = z.output<typeof state>;
type Budget = z.output<typeof budget>;

/** The spending of clients in the day and the month, by name, including clients that are no longer configured. */
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
    const earlier = before === undefined ? undefined : saved.parse(before);
    for (const [name, { budgets }] of states) {
      // For a client that is not known yet; it gets its limits later.
      const known = this.#budgets.get(name) ?? new ClientBudgets([]);
      this.#budgets.set(name, known);
      const current = state.parse(JSON.parse(JSON.stringify(known.state())));
      const last = earlier?.get(name);
      known.restore({
        budgets: budgets.map((one) => added(one, sameOf(last, one), sameOf(current, one))),
      });
    }
  }
}

function entriesOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined;
}

/** Returns the budget of the same deployments, however another process has written them. */
function sameOf(state: State | undefined, { deployments }: Budget): Budget | undefined {
  const cover = coverOf(deployments ?? undefined);
  return state?.budgets.find((other) => coverOf(other.deployments ?? undefined) === cover);
}

/** Returns the present value plus the amount that another process has counted since `before`. */
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
