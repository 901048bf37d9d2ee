import type { StreamEvent } from '../attempt.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';

/** Events that begin streams of the Responses API and of Claude's, before any output. */
const ANNOUNCED: readonly unknown[] = [
  'response.created',
  'response.queued',
  'response.in_progress',
  'message_start',
  'ping',
];

/** Events that keep a connection alive, in every API that has them. */
export const KEEPALIVE = /^(?:keep-?alive|ping|heartbeat)$/;

/** Events that announce a part of an answer, with the field that holds the part. */
const PARTS: ReadonlyMap<unknown, string> = new Map([
  ['response.output_item.added', 'item'],
  ['response.content_part.added', 'part'],
  ['response.reasoning_summary_part.added', 'part'],
  ['content_block_start', 'content_block'],
]);
/** The text of these follows later. Other parts have a name or begin an action. */
const FOLLOWED: readonly unknown[] = [
  'reasoning',
  'message',
  'output_text',
  'reasoning_text',
  'summary_text',
  'refusal',
  'text',
  'thinking',
];
/** The fields that hold a part's text. */
const TEXTS = ['content', 'summary', 'encrypted_content', 'text', 'refusal', 'thinking', 'signature'];

/**
 * Returns whether an event says nothing yet that the client has been waiting for: the state of a response that has just
 * begun; a part of it that is still empty; the role, the prompt's filter results or the annotations of a completion.
 */
export function isAnnouncement({ name, data }: StreamEvent): boolean {
  const chunk = parseJsonObject(data);
  if (KEEPALIVE.test(name)) return true;
  if (chunk === undefined || hasValue(chunk['error'])) return false;
  if (KEEPALIVE.test(String(chunk['type']))) return true;
  const type = name === '' ? chunk['type'] : name;
  if (ANNOUNCED.includes(type)) return true;
  const part = PARTS.get(type);
  if (part !== undefined) return isEmptyPart(chunk[part]);
  const choices = chunk['choices'];
  return Array.isArray(choices) && !choices.some(saysSomething);
}

function isEmptyPart(part: unknown): boolean {
  if (!isJsonObject(part) || !FOLLOWED.includes(part['type'])) return false;
  return TEXTS.every((field) => !hasValue(part[field]));
}

/** Returns whether a choice of a chunk has content, or says how it ended. */
export function saysSomething(choice: unknown): boolean {
  if (!isJsonObject(choice)) return false;
  const { text, delta } = choice;
  if (hasFinished(choice) || hasValue(text)) return true;
  return Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && hasValue(value));
}

/**
 * Returns whether a choice says how it ended; some servers send an empty reason, or the word "null", where others send
 * null.
 */
export function hasFinished({ finish_reason }: JsonObject): boolean {
  return typeof finish_reason === 'string' && finish_reason !== '' && finish_reason !== 'null';
}

function hasValue(value: unknown): boolean {
  const isEmpty = value === undefined || value === null || value === '';
  return !isEmpty && !(Array.isArray(value) && value.length === 0);
}
