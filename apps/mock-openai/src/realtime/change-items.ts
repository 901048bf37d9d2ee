import { makeId } from '../operations/make-id.ts';
import { audioBytesOf, bytesPerSecond, decodedLength, isFields } from './conversation.ts';
import { errorEvent, missingError } from './error-event.ts';
import type { Conversation, Fields, Item, ServerEvent } from './conversation.ts';

const smallestCommitMs = 100;
const root = 'root';

/** Puts an item into the conversation: at its end, or after the one that the event names. */
export function createItem(conversation: Conversation, event: Fields): ServerEvent[] {
  const { item, previous_item_id: wanted } = event;
  if (!isFields(item)) return [missingError('item', event)];
  if (typeof item['type'] !== 'string') return [missingError('item.type', event)];
  const { items } = conversation;
  const place = typeof wanted === 'string' ? items.findIndex(({ id }) => id === wanted) : items.length - 1;
  if (place < 0 && typeof wanted === 'string' && wanted !== root) {
    return [noItem({ ...event, item_id: wanted })];
  }
  const id = typeof item['id'] === 'string' ? item['id'] : makeId('item_');
  const bytes = audioBytesOf(item['content']);
  return insertItem(
    conversation,
    { object: 'realtime.item', status: 'completed', ...item, id },
    place,
    bytes,
  );
}

/** Commits the appended audio as the user's speech. */
export function commitAudio(conversation: Conversation, event: Fields): ServerEvent[] {
  const { audioBytes, items } = conversation;
  const heardMs = (audioBytes / bytesPerSecond) * 1000;
  if (heardMs < smallestCommitMs) {
    const message = `Error committing input audio buffer: buffer too small. Expected at least ${smallestCommitMs}ms of audio, but buffer only has ${heardMs.toFixed(2)}ms of audio.`;
    return [errorEvent({ message, code: 'input_audio_buffer_commit_empty' }, event)];
  }
  conversation.audioBytes = 0;
  const id = makeId('item_');
  const content = [{ type: 'input_audio', transcript: null }];
  const item = { id, object: 'realtime.item', type: 'message', status: 'completed', role: 'user', content };
  const previous_item_id = items.at(-1)?.id ?? null;
  return [
    { type: 'input_audio_buffer.committed', previous_item_id, item_id: id },
    ...insertItem(conversation, item, items.length - 1, audioBytes),
  ];
}

/** Adds to the uncommitted audio. */
export function appendAudio(conversation: Conversation, event: Fields): ServerEvent[] {
  const { audio } = event;
  if (typeof audio !== 'string') return [missingError('audio', event)];
  conversation.audioBytes += decodedLength(audio);
  return [];
}

/** Sends the item asked for. */
export function retrieveItem({ items }: Conversation, event: Fields): ServerEvent[] {
  const item = items.find(({ id }) => id === event['item_id']);
  return [item === undefined ? noItem(event) : { type: 'conversation.item.retrieved', item }];
}

/** Notes that the client has heard only the beginning of an item. */
export function truncateItem({ items }: Conversation, event: Fields): ServerEvent[] {
  const { item_id, content_index = 0, audio_end_ms = 0 } = event;
  if (!items.some(({ id }) => id === item_id)) return [noItem(event)];
  return [{ type: 'conversation.item.truncated', item_id, content_index, audio_end_ms }];
}

/** Removes an item from the conversation. */
export function deleteItem(conversation: Conversation, event: Fields): ServerEvent[] {
  const { item_id } = event;
  const items = conversation.items.filter(({ id }) => id !== item_id);
  if (items.length === conversation.items.length) return [noItem(event)];
  conversation.items = items;
  return [{ type: 'conversation.item.deleted', item_id }];
}

function insertItem(
  conversation: Conversation,
  item: Item,
  place: number,
  audioBytes: number,
): ServerEvent[] {
  const { items, audioOfItems, dialect } = conversation;
  if (audioBytes > 0) audioOfItems.set(item.id, audioBytes);
  conversation.items = [...items.slice(0, place + 1), item, ...items.slice(place + 1)];
  const previous_item_id = items[place]?.id ?? null;
  const types = dialect.itemDone === undefined ? [dialect.itemAdded] : [dialect.itemAdded, dialect.itemDone];
  return types.map((type) => ({ type, previous_item_id, item }));
}

function noItem(event: Fields): ServerEvent {
  const { item_id } = event;
  const message = `The item with id '${String(item_id)}' does not exist.`;
  return errorEvent({ message, code: 'item_not_found', param: 'item_id' }, event);
}
