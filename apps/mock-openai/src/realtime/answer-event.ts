import {
  appendAudio,
  commitAudio,
  createItem,
  deleteItem,
  retrieveItem,
  truncateItem,
} from './change-items.ts';
import { isFields } from './conversation.ts';
import { errorEvent, missingError } from './error-event.ts';
import { respond } from './respond.ts';
import { updateSession } from './session-object.ts';
import type { Conversation, Fields, ServerEvent } from './conversation.ts';

type EventHandler = (conversation: Conversation, event: Fields) => Iterable<ServerEvent>;

const handlers: Readonly<Record<string, EventHandler>> = {
  'session.update': update,
  'input_audio_buffer.append': appendAudio,
  'input_audio_buffer.commit': commitAudio,
  'input_audio_buffer.clear': clearAudio,
  'conversation.item.create': createItem,
  'conversation.item.retrieve': retrieveItem,
  'conversation.item.truncate': truncateItem,
  'conversation.item.delete': deleteItem,
  'response.create': createResponse,
  'response.cancel': cancelResponse,
};

/** Answers a text frame from the client with one event after the other. */
export function answerEvent(conversation: Conversation, frame: string): Iterable<ServerEvent> {
  const event = parse(frame);
  if (event === undefined) {
    return [errorEvent({ message: 'We could not parse the JSON of your event.', code: 'invalid_json' }, {})];
  }
  const { type } = event;
  if (typeof type !== 'string') return [missingError('type', event)];
  const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
  if (handler !== undefined) return handler(conversation, event);
  const supported = Object.keys(handlers).map((name) => `'${name}'`);
  const message = `Invalid value: '${type}'. Supported values are: ${supported.join(', ')}.`;
  return [errorEvent({ message, code: 'invalid_value', param: 'type' }, event)];
}

function update(conversation: Conversation, event: Fields): ServerEvent[] {
  const { session } = event;
  if (!isFields(session)) return [missingError('session', event)];
  conversation.session = updateSession(conversation.session, session);
  return [{ type: 'session.updated', session: conversation.session }];
}

function clearAudio(conversation: Conversation): ServerEvent[] {
  conversation.audioBytes = 0;
  return [{ type: 'input_audio_buffer.cleared' }];
}

function createResponse(conversation: Conversation, event: Fields): Iterable<ServerEvent> {
  const { response } = conversation;
  if (response === undefined) return respond(conversation, event);
  const message = `Conversation already has an active response in progress: ${response.id}. Wait until the response is finished before creating a new one.`;
  return [errorEvent({ message, code: 'conversation_already_has_active_response' }, event)];
}

function cancelResponse({ response }: Conversation, event: Fields): ServerEvent[] {
  if (response === undefined) {
    const message = 'Cancellation failed: no active response found';
    return [errorEvent({ message, code: 'response_cancel_not_active' }, event)];
  }
  response.isCancelled = true;
  return [];
}

function parse(frame: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(frame);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
