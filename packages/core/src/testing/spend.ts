import type { Admission, Ending } from '../budget/admission.ts';
import type { AdmissionRequest } from '../budget/admission-request.ts';
import type { BudgetRefusal } from '../budget/budget-refusal.ts';
import type { ClientBudgets } from '../budget/client-budgets.ts';

/** 30 November 2026, 12:00 UTC. */
export const NOON_MS = Date.UTC(2026, 10, 30, 12);

export const told = (promptTokens: number, outputTokens = 0): Ending => ({
  kind: 'told',
  usage: { promptTokens, outputTokens },
});

/** Returns a request whose prompt and answer have these tokens. */
export const asking = (promptTokens: number, outputTokens = 0, deployment = 'gpt-4o'): AdmissionRequest => ({
  deployment,
  estimate: { promptTokens, outputTokens },
});

/** Returns the admission, and throws if there is a refusal. */
export function admitted(answer: Admission | BudgetRefusal): Admission {
  if (answer.kind !== 'admitted') throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
}

/** Admits a request and settles it with these tokens at once. */
export function spend(budgets: ClientBudgets, tokens: number, nowMs = 0, wallMs = NOON_MS): void {
  admitted(budgets.admit(asking(tokens), nowMs, wallMs)).settle(told(tokens));
}
