import { json } from '../../calls/object-kind.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import { checkResponseCall } from './check-response-call.ts';
import { earlierItems } from './earlier-items.ts';
import { inputItems } from './input-items.ts';
import { responseUsage } from './make-response.ts';
import { reasoningTokens } from './output-items.ts';
import { responsePrompt } from './response-prompt.ts';
import type { ModelAnswer, ModelCall } from '../../calls/model-call.ts';

/** Shortens a long conversation: to the user's messages, and everything else in one sealed item. */
export function compactResponse(call: ModelCall): ModelAnswer {
  const items = inputItems(call.body['input']);
  const wrong = checkResponseCall(call, items);
  if (wrong !== undefined) return wrong;
  const kept = [...earlierItems(call), ...items].filter(({ role }) => role === 'user');
  const id = makeId('cmp_');
  const compaction = { id, type: 'compaction', encrypted_content: call.stored.seal.close(id) };
  return json({
    id: makeId('resp_'),
    object: 'response.compaction',
    created_at: nowSeconds(),
    output: [...kept, compaction],
    usage: responseUsage(responsePrompt(call, items).tokens, reasoningTokens),
  });
}

/** Counts the input of a response without creating one. */
export function countInputTokens(call: ModelCall): ModelAnswer {
  const items = inputItems(call.body['input']);
  const wrong = checkResponseCall(call, items);
  if (wrong !== undefined) return wrong;
  return json({ object: 'response.input_tokens', input_tokens: responsePrompt(call, items).tokens });
}
