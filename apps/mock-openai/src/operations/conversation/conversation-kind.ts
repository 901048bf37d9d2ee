import { missing } from '../../calls/object-kind.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';

/** Conversations. */
export const conversationKind: ObjectKind = {
  path: 'conversations',
  missing: (id) => missing(`Conversation with id '${id}' not found.`),
};

/** The items of conversations. */
export const conversationItemKind: ObjectKind = {
  path: 'conversations/{id}/items',
  owner: conversationKind,
  missing: (id) => missing(`Item with id '${id}' not found.`),
};

/** Reads the conversation that a call names, by its id or as an object that has one. */
export function idOfConversation(value: unknown): string | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : value;
  return typeof id === 'string' ? id : undefined;
}
