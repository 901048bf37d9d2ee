import type { StreamEvent } from '../attempt.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';

/** Events that begin streams of the Responses API and of Claude's, before any output, or end a part that was empty. */
const ANNOUNCED: readonly unknown[] = [
  'response.created',
  'response.queued',
  'response.in_progress',
  'message_start',
  'content_block_stop',
  'ping',
];

const KEEPALIVES = '(?:keep[-_]?alive|ping|heart[-_]?beat)';
/** Events that keep a connection alive, in every API that has them. */
export const KEEPALIVE = new RegExp(`^${KEEPALIVES}$`, 'i');
const BEGINS_AS_KEEPALIVE = new RegExp(String.raw`^\s*\{\s*"type"\s*:\s*"${KEEPALIVES}"`, 'i');
/** Present in an announcement that says something: a response that has failed, or an error. */
const MAY_HAVE_FAILED = /"status"\s*:\s*"failed"|"error"\s*:\s*[^\sn]/;

/** Events that announce a part of an answer, or end one, with the field that holds the part. */
const PARTS: ReadonlyMap<unknown, string> = new Map([
  ['response.output_item.added', 'item'],
  ['response.output_item.done', 'item'],
  ['response.content_part.added', 'part'],
  ['response.content_part.done', 'part'],
  ['response.reasoning_summary_part.added', 'part'],
  ['response.reasoning_summary_part.done', 'part'],
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
 * begun; a part of it that is still empty; the role, the prompt's filter results or the annotations of a completion; or
 * nothing at all.
 */
export function isAnnouncement({ name, data }: StreamEvent): boolean {
  if (KEEPALIVE.test(name) || isPlainlyAnnounced(name, data)) return true;
  const chunk = parseJsonObject(data);
  if (chunk === undefined) return name !== 'error' && data.trim() === '';
  if (name === 'error' || isGiven(chunk['error'])) return false;
  if (KEEPALIVE.test(String(chunk['type']))) return true;
  const type = name === '' ? chunk['type'] : name;
  if (ANNOUNCED.includes(type)) return !hasFailed(chunk['response']);
  const part = PARTS.get(type);
  if (part !== undefined) return isEmptyPart(chunk[part]);
  const { choices } = chunk;
  if (choices === undefined) return CHUNKS.includes(chunk['object']) || Object.keys(chunk).length === 0;
  return Array.isArray(choices) && !choices.some(saysSomething);
}

/** The Responses API announces a response with all its instructions and tools, which are too long to be parsed. */
function isPlainlyAnnounced(name: string, data: string): boolean {
  return ANNOUNCED.includes(name) && data.startsWith('{') && !MAY_HAVE_FAILED.test(data);
}

/** Returns whether an event only keeps the connection alive, by its name or by the type that its data begin with. */
export function isKeepalive({ name, data }: StreamEvent): boolean {
  return KEEPALIVE.test(name) || BEGINS_AS_KEEPALIVE.test(data);
}

/** The `object` of a completion's chunks. */
const CHUNKS: readonly unknown[] = ['chat.completion.chunk', 'text_completion'];

/** Returns whether a response says that it has failed, in whichever event. */
export function hasFailed(response: unknown): boolean {
  return isJsonObject(response) && response['status'] === 'failed';
}

/** Returns whether an event is the last of a stream that has one for all: some clients stop at whatever begins with it. */
export function isLastWord({ data }: StreamEvent): boolean {
  return data.trimStart().startsWith('[DONE]');
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false;
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

/** A list or an object has a value if one of its parts has; the `type` of a part does not count. */
function hasValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasValue);
  if (isJsonObject(value))
    return Object.entries(value).some(([key, part]) => key !== 'type' && hasValue(part));
  return value !== undefined && value !== null && value !== '';
}
