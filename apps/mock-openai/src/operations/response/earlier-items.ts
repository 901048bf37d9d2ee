import { conversationItemKind, idOfConversation } from '../conversation/conversation-kind.ts';
import { listOf } from '../read-json.ts';
import { outputItemKind, responseKind } from './response-kind.ts';
import type { ModelCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

/** The parts of a call that its items depend on. */
export type ItemsCall = Pick<ModelCall, 'body' | 'stored'>;

/**
 * Collects the inputs and outputs before a call, oldest first: from its conversation, or from the responses that it
 * continues.
 */
export function earlierItems({ body, stored }: ItemsCall): ObjectBody[] {
  const conversation = idOfConversation(body['conversation']);
  if (conversation !== undefined) {
    return stored
      .shelf(conversationItemKind.path)
      .of(conversation)
      .map((item) => item.body);
  }
  const turns: ObjectBody[][] = [];
  for (let id = body['previous_response_id']; typeof id === 'string';) {
    const response = stored.shelf(responseKind.path).get(id);
    if (response === undefined) break;
    const asked = (response.inputs ?? []).map((item) => referredItem(stored, item));
    turns.push([...asked, ...(listOf(response.body['output']) as readonly ObjectBody[])]);
    id = response.body['previous_response_id'];
  }
  return turns.toReversed().flat();
}

/** Returns the item that a reference stands for; any other is itself. */
export function referredItem(stored: StoredObjects, item: ObjectBody): ObjectBody {
  if (item['type'] !== 'item_reference') return item;
  return stored.shelf(outputItemKind.path).get(String(item['id']))?.body ?? item;
}
