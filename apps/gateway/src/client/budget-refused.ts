import { type BudgetRefusal, UNDER_WAY_RETRY_MS } from '@spillway/core';
import { GatewayError } from '../errors.ts';

const LIMITS = {
  tokens: 'tokens per minute',
  requests: 'requests per minute',
  concurrent: 'requests at once',
  day: 'tokens per day',
  month: 'tokens per month',
} as const;

/**
 * Returns the error for a client whose budget does not admit a request: it names the binding limit, and when to come
 * back. 429 for a limit that recovers within a minute, 403 for a day or a month, 400 for a request that would never
 * fit.
 *
 * @param wallMs epoch ms
 * @param left headers with what is left of its budgets
 */
export function budgetRefused(
  refusal: BudgetRefusal,
  client: string,
  wallMs: number,
  left: Readonly<Record<string, string>>,
): GatewayError {
  const { kind, limitValue, deployments } = refusal;
  const limit = kind === 'too-large' ? 'tokens' : LIMITS[refusal.limit];
  const of = deployments === undefined ? '' : ` for ${deployments.map((name) => `"${name}"`).join(', ')}`;
  const budget = `the budget of ${limitValue} ${limit}${of} of client "${client}"`;
  switch (kind) {
    case 'rate':
      return spent(budget, refusal.retryMs, left);
    case 'quota': {
      const { used, reserved, isSetAside, resetsAtMs } = refusal;
      if (isSetAside)
        return spent(
          `${budget}, of which ${reserved} are set aside for requests under way`,
          UNDER_WAY_RETRY_MS,
          left,
        );
      const counted = reserved === 0 ? `${used}` : `${used}, of which ${reserved} for requests under way`;
      const message = `This request would exceed ${budget}, of which ${counted} are used. It resets at ${new Date(resetsAtMs).toISOString()}.`;
      const seconds = Math.max(1, Math.ceil((resetsAtMs - wallMs) / 1000));
      return new GatewayError('quota-exceeded', message, { ...left, 'retry-after': String(seconds) });
    }
    case 'too-large':
      return new GatewayError(
        'bad-request',
        `This request takes about ${refusal.estimate} tokens, which is more than ${budget} ever allows.`,
        left,
      );
  }
}

/** Returns whether an error means that a client has spent its budgets, which says nothing about backends. */
export function isBudgetRefusal(error: unknown): boolean {
  return (
    error instanceof GatewayError && (error.error === 'budget-spent' || error.error === 'quota-exceeded')
  );
}

function spent(budget: string, retryMs: number, left: Readonly<Record<string, string>>): GatewayError {
  const seconds = Math.ceil(retryMs / 1000);
  const message = `This request would exceed ${budget}. Please retry after ${seconds} seconds.`;
  const headers = { ...left, 'retry-after': String(seconds), 'retry-after-ms': String(Math.ceil(retryMs)) };
  return new GatewayError('budget-spent', message, headers);
}
