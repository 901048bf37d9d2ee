import type { StreamEvent } from '../attempt.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';

/** What streams of the Responses API and of Claude's begin with, before anything is made. */
const ANNOUNCED: readonly unknown[] = [
  'response.created',
  'response.queued',
  'response.in_progress',
  'message_start',
  'ping',
];

/** What keeps a connection alive, in every API that has it. */
export const KEEPALIVE = /^(?:keep-?alive|ping|heartbeat)$/;

/**
 * Returns whether an event says nothing yet that the client has been waiting for: the state of a response that has just
 * begun; the role, the prompt's filter results or annotations of a completion.
 */
export function isAnnouncement({ name, data }: StreamEvent): boolean {
  const chunk = parseJsonObject(data);
  if (KEEPALIVE.test(name)) return true;
  if (chunk === undefined || hasValue(chunk['error'])) return false;
  if (KEEPALIVE.test(String(chunk['type']))) return true;
  if (ANNOUNCED.includes(name === '' ? chunk['type'] : name)) return true;
  const choices = chunk['choices'];
  return Array.isArray(choices) && !choices.some(saysSomething);
}

/** Returns whether a choice of a chunk has content, or says how it ended. */
export function saysSomething(choice: unknown): boolean {
  if (!isJsonObject(choice)) return false;
  const { text, delta } = choice;
  if (hasFinished(choice) || hasValue(text)) return true;
  return Object.entries(delta ?? {}).some(([key, value]) => key !== 'role' && hasValue(value));
}

/** Returns whether a choice says how it ended; some servers have an empty reason, or the word, where others have null. */
export function hasFinished({ finish_reason }: JsonObject): boolean {
  return typeof finish_reason === 'string' && finish_reason !== '' && finish_reason !== 'null';
}

function hasValue(value: unknown): boolean {
  const isEmpty = value === undefined || value === null || value === '';
  return !isEmpty && !(Array.isArray(value) && value.length === 0);
}
