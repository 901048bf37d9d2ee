import { numberOf, type ObjectMembers, readMembers } from '../body/read-members.ts';
import { GatewayError } from '../errors.ts';

/** Claude thinks for at least this many tokens, or not at all. */
const MIN_THINKING_TOKENS = 1024;
const BUDGET: ReadonlySet<string> = new Set(['budget_tokens']);

/**
 * Checks that a request to Claude is still valid when its `max_tokens` is lowered: its thinking budget must be smaller.
 *
 * @param members which include `max_tokens` and `thinking`
 * @param most the new `max_tokens`
 * @throws GatewayError `bad-request` if it would not be; a request that was invalid before is left to the backend to
 * refuse
 */
export function checkThinking(body: Buffer, { byKey }: ObjectMembers, most: number): void {
  const thinking = byKey.get('thinking');
  if (thinking?.kind !== 'object') return;
  const budget = numberOf(body, readMembers(body, BUDGET, thinking.range.start)?.byKey.get('budget_tokens'));
  const asked = numberOf(body, byKey.get('max_tokens'));
  if (budget === undefined || asked === undefined || budget < most || budget >= asked) return;
  const remedy =
    most > MIN_THINKING_TOKENS
      ? `Lower "budget_tokens" of "thinking", which is ${budget}, to less than that.`
      : `Leave out "thinking": its "budget_tokens" is ${MIN_THINKING_TOKENS} at least.`;
  throw new GatewayError(
    'bad-request',
    `The client's answers may have ${most} tokens at most (maxOutputTokens). ${remedy}`,
  );
}
