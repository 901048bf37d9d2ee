import type { BodyEdit } from '../body/body-edit.ts';
import { readItems } from '../body/read-items.ts';
import { isWritten, type ObjectMembers } from '../body/read-members.ts';
import { isWithin } from './is-within.ts';
import { checkThinking } from './thinking-budget.ts';

const OF_FALLBACK: ReadonlySet<string> = new Set(['max_tokens', 'thinking']);

/**
 * Returns the edits that lower the limits of the models that Claude may answer with instead (`fallbacks`), which can have
 * limits of their own. Undefined if they cannot be read.
 *
 * @param members which include `fallbacks`
 * @throws GatewayError `bad-request` where the request would not be valid any more
 */
export function fallbackEdits(
  body: Buffer,
  { byKey, repeated }: ObjectMembers,
  most: number,
): BodyEdit[] | undefined {
  const fallbacks = byKey.get('fallbacks');
  if (repeated.has('fallbacks')) return undefined;
  if (fallbacks?.kind !== 'list') return [];
  const edits: BodyEdit[] = [];
  for (const fallback of readItems(body, fallbacks, OF_FALLBACK)) {
    if (fallback === undefined || fallback.repeated.size > 0) return undefined;
    const limit = fallback.byKey.get('max_tokens');
    if (limit === undefined || isWritten(body, limit, 'null') || isWithin(body, limit, most)) continue;
    checkThinking(body, fallback, most);
    edits.push({ ...limit.range, text: String(most) });
  }
  return edits;
}
