import type { Admission, BudgetRefusal, BudgetRemaining, Ending, FailoverRequest } from '@spillway/core';
import { budgetRefused } from '../client/budget-refused.ts';
import type { Client } from '../client/client.ts';
import type { GatewayError } from '../errors.ts';
import type { AnswerUsage, Exchange } from '../telemetry/exchange.ts';

/** What a request is charged to its client’s budgets: admitted at one deployment at a time, and settled once. */
export class ClientBill {
  readonly #client: Client;
  readonly #nowMs: () => number;
  #admission: Admission | undefined;
  /** Why a session may not go on. */
  refusal: BudgetRefusal | undefined;
  #asked: BilledRequest = { deployment: '' };
  /** What was charged of a session while it ran, in tokens. */
  #renewed = { promptTokens: 0, outputTokens: 0 };

  constructor(client: Client, nowMs: () => number) {
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** Charges a request, instead of what it was charged before. Returns why it is not admitted, and then nothing is charged. */
  admit(asked: BilledRequest): BudgetRefusal | undefined {
    this.#asked = asked;
    this.settle({ kind: 'unserved', hasReached: true });
    const { deployment, estimate, isOutputOpen } = asked;
    const admitted = this.#client.budgets?.admit(
      { deployment, estimate, isOutputOpen },
      this.#nowMs(),
      Date.now(),
    );
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

  /** Charges what a session has taken up to now, and admits what it will ask for next. Does nothing once that is refused. */
  renew({ promptTokens, outputTokens }: AnswerUsage): void {
    if (this.#admission === undefined) return;
    this.#admission.settle({ kind: 'told', usage: { promptTokens, outputTokens } });
    this.#admission = undefined;
    this.#renewed.promptTokens += promptTokens;
    this.#renewed.outputTokens += outputTokens;
    this.refusal = this.admit({ deployment: this.#asked.deployment });
  }

  settle(ending: Ending): void {
    this.#admission?.settle(
      ending.kind === 'told' ? { kind: 'told', usage: this.#less(ending.usage) } : ending,
    );
    this.#admission = undefined;
  }

  /** Returns headers that say what is left to the client of a minute, as SDKs look for it. */
  headers(): Record<string, string> {
    const left = this.#client.budgets?.remaining(this.#asked.deployment, this.#nowMs());
    return { ...headersOf('tokens', left?.tokens), ...headersOf('requests', left?.requests) };
  }

  #less({ promptTokens, outputTokens }: Spent): Spent {
    return {
      promptTokens: Math.max(0, promptTokens - this.#renewed.promptTokens),
      outputTokens: Math.max(0, outputTokens - this.#renewed.outputTokens),
    };
  }
}

type Spent = Pick<AnswerUsage, 'promptTokens' | 'outputTokens'>;

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
export function endingOf({ metered, attempts }: Pick<Exchange, 'metered' | 'attempts'>): Ending {
  const { usage, relayedTokensEstimate = 0, isComplete = true } = metered ?? {};
  // Of what was said after the last usage that was told, only an estimate is known.
  if (usage !== undefined)
    return {
      kind: 'told',
      usage: { ...usage, outputTokens: Math.max(usage.outputTokens, relayedTokensEstimate) },
    };
  return isComplete
    ? { kind: 'unserved', hasReached: attempts.length > 0 }
    : { kind: 'untold', outputTokens: relayedTokensEstimate };
}
