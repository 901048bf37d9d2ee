import type { Admission, BudgetRefusal, BudgetRemaining, Ending, FailoverRequest } from '@spillway/core';
import { budgetRefused } from '../client/budget-refused.ts';
import type { Client } from '../client/client.ts';
import type { GatewayError } from '../errors.ts';
import type { Exchange } from '../telemetry/exchange.ts';

/** What a request is charged to its client’s budgets: admitted at one deployment at a time, and settled once. */
export class ClientBill {
  readonly #client: Client;
  readonly #nowMs: () => number;
  #admission: Admission | undefined;
  #deployment = '';

  constructor(client: Client, nowMs: () => number) {
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** Charges a request, instead of what it was charged before. Returns why it is not admitted, and then nothing is charged. */
  admit({ deployment, estimate, isOutputOpen }: BilledRequest): BudgetRefusal | undefined {
    this.#deployment = deployment;
    this.settle({ kind: 'unserved', hasReached: true });
    const asked = { deployment, estimate, isOutputOpen };
    const admitted = this.#client.budgets?.admit(asked, this.#nowMs(), Date.now());
    if (admitted?.kind !== 'admitted') return admitted;
    this.#admission = admitted;
    return undefined;
  }

  /** Returns whether the client may use a deployment at all. */
  mayUse(deployment: string): boolean {
    return this.#client.deployments?.has(deployment) ?? true;
  }

  /** Returns what the client is told when its budgets do not admit a request. */
  refused(refusal: BudgetRefusal): GatewayError {
    return budgetRefused(refusal, this.#client.name, Date.now(), this.headers());
  }

  settle(ending: Ending): void {
    this.#admission?.settle(ending);
    this.#admission = undefined;
  }

  /** Returns headers that say what is left to the client of a minute, as SDKs look for it. */
  headers(): Record<string, string> {
    const left = this.#client.budgets?.remaining(this.#deployment, this.#nowMs());
    return { ...headersOf('tokens', left?.tokens), ...headersOf('requests', left?.requests) };
  }
}

/** A request, as far as it is charged. */
export interface BilledRequest extends Pick<FailoverRequest, 'deployment' | 'estimate'> {
  /** Whether it names no longest answer. */
  readonly isOutputOpen?: boolean | undefined;
}

function headersOf(what: 'tokens' | 'requests', left: BudgetRemaining['tokens']): Record<string, string> {
  if (left === undefined) return {};
  return {
    [`x-ratelimit-limit-${what}`]: String(left.limit),
    [`x-ratelimit-remaining-${what}`]: String(Math.floor(left.remaining)),
    [`x-ratelimit-reset-${what}`]: String(Math.ceil(left.resetMs / 1000)),
  };
}

/** Returns how a request has ended, as far as its client’s budgets are concerned. */
export function endingOf({ usage, served, attempts, ending, relayedTokens }: Exchange): Ending {
  if (usage !== undefined) return { kind: 'told', usage };
  if (served?.outcome.kind === 'succeeded') return { kind: 'untold', outputTokens: relayedTokens };
  const hasReached = attempts.length > 0;
  // Its backend goes on with it, and is paid for the prompt.
  if (hasReached && ending === 'abandoned') return { kind: 'untold', outputTokens: 0 };
  return { kind: 'unserved', hasReached };
}
