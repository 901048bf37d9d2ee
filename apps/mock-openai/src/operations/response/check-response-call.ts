import { required } from '../../calls/object-kind.ts';
import { conversationKind, idOfConversation } from '../conversation/conversation-kind.ts';
import { fileKind } from '../file/file-kind.ts';
import { fieldOf, listOf } from '../read-json.ts';
import { checkItemResults } from '../tools/check-tool-results.ts';
import { vectorStoreKind } from '../vector-store/vector-store-kind.ts';
import { checkSealed } from './check-sealed.ts';
import { earlierItems, referredItem } from './earlier-items.ts';
import { outputItemKind, responseKind } from './response-kind.ts';
import type { InvalidAnswer } from '../../calls/model-call.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { ItemsCall } from './earlier-items.ts';

/**
 * Returns the problem of a call for a response: a missing field, or a reference to something the mock does not have.
 */
export function checkResponseCall(call: ItemsCall, items: readonly ObjectBody[]): InvalidAnswer | undefined {
  const { input, previous_response_id: previous, conversation, background, store, prompt } = call.body;
  if (![input, previous, conversation, prompt].some(isGiven)) return required('input');
  if (isGiven(previous) && isGiven(conversation)) {
    const message = "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.";
    return { kind: 'invalid', message, param: 'previous_response_id', code: 'mutually_exclusive_parameters' };
  }
  if (background === true && store === false) {
    const message = "Background mode requires 'store' to be true.";
    return { kind: 'invalid', message, param: 'background', code: 'invalid_value' };
  }
  return (
    checkPrevious(call, previous) ??
    checkConversation(call, conversation) ??
    checkReferences(call) ??
    checkSealed(call, items) ??
    checkItemResults([...earlierItems(call), ...items.map((item) => referredItem(call.stored, item))])
  );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function checkPrevious({ stored }: ItemsCall, previous: unknown): InvalidAnswer | undefined {
  if (!isGiven(previous)) return undefined;
  if (stored.shelf(responseKind.path).get(String(previous)) !== undefined) return undefined;
  const message = `Previous response with id '${String(previous)}' not found.`;
  return { kind: 'invalid', message, param: 'previous_response_id', code: 'previous_response_not_found' };
}

function checkConversation(call: ItemsCall, conversation: unknown): InvalidAnswer | undefined {
  const id = idOfConversation(conversation);
  return id === undefined ? undefined : absent(call, conversationKind, id);
}

/** Files, vector stores and items that the call names by their ids. */
function checkReferences(call: ItemsCall): InvalidAnswer | undefined {
  for (const item of listOf(call.body['input'])) {
    const isReference = fieldOf(item, 'type') === 'item_reference';
    const wrong = isReference ? absent(call, outputItemKind, fieldOf(item, 'id')) : undefined;
    if (wrong !== undefined) return wrong;
    for (const part of listOf(fieldOf(item, 'content'))) {
      const file = absent(call, fileKind, fieldOf(part, 'file_id'));
      if (file !== undefined) return file;
    }
  }
  for (const tool of listOf(call.body['tools'])) {
    for (const id of listOf(fieldOf(tool, 'vector_store_ids'))) {
      const store = absent(call, vectorStoreKind, id);
      if (store !== undefined) return store;
    }
  }
  return undefined;
}

function absent({ stored }: ItemsCall, kind: ObjectKind, id: unknown): InvalidAnswer | undefined {
  if (typeof id !== 'string') return undefined;
  return stored.shelf(kind.path).get(id) === undefined ? kind.missing(id) : undefined;
}
