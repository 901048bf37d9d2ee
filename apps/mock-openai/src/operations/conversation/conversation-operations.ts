import { create, json, required, withObject, withOwner } from '../../calls/object-kind.ts';
import { changing, deleting, getting, listing } from '../../calls/object-operations.ts';
import { pageOf } from '../../stored/page.ts';
import { nowSeconds } from '../../stored/stored-object.ts';
import { makeId } from '../make-id.ts';
import { inputItems } from '../response/input-items.ts';
import { conversationItemKind, conversationKind } from './conversation-kind.ts';
import type { ModelAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectOperation } from '../../calls/operation.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

/** The operations on conversations and their items. */
export const conversationOperations: readonly ObjectOperation[] = [
  { method: 'POST', path: 'conversations', answer: createConversation },
  getting(conversationKind),
  changing(conversationKind, ['metadata']),
  deleting(conversationKind, 'conversation.deleted'),
  { method: 'POST', path: conversationItemKind.path, answer: addItems },
  listing(conversationItemKind),
  getting(conversationItemKind),
  { method: 'DELETE', path: `${conversationItemKind.path}/{id}`, answer: deleteItem },
];

function createConversation({ body, stored }: ObjectCall): ModelAnswer {
  const id = makeId('conv_');
  keepItems(stored, id, body['items']);
  const { metadata = {} } = body;
  const conversation = { id, object: 'conversation', created_at: nowSeconds(), metadata };
  return create(conversationKind, { id, body: conversation }, stored);
}

function addItems(call: ObjectCall): ModelAnswer {
  return withOwner(conversationItemKind, call, (owner = '') => {
    const { items } = call.body;
    if (!Array.isArray(items)) return required('items');
    const kept = keepItems(call.stored, owner, items);
    return json(pageOf(kept, new URLSearchParams('order=asc'), kept.length));
  });
}

function deleteItem(call: ObjectCall): ModelAnswer {
  return withObject(conversationItemKind, call, ({ id, owner }) => {
    call.stored.shelf(conversationItemKind.path).delete(id, owner);
    return withOwner(conversationItemKind, call, (name = '') =>
      json(call.stored.shelf(conversationKind.path).get(name)?.body),
    );
  });
}

function keepItems(stored: StoredObjects, owner: string, given: unknown): ObjectBody[] {
  const items = inputItems(given);
  for (const body of items) {
    stored.shelf(conversationItemKind.path).put({ id: String(body['id']), owner, body });
  }
  return items;
}
