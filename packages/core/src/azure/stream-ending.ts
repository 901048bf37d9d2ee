import type { StreamEvent } from '../attempt.ts';
import { hasOwnForm } from './answer-form.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';
import { readStreamError } from './stream-error.ts';
import { hasFinished, KEEPALIVE, saysSomething } from './stream-opening.ts';

/** The end of an event stream, as much as was kept of it. */
export interface StreamTail {
  /** Its last events, in their order, an unfinished one at the end included. */
  readonly events: readonly StreamEvent[];
  /** The rest of an event before these, whose beginning was not kept; undefined if all was. */
  readonly fragment?: string | undefined;
  /** Whether a choice that has begun lacks its `finish_reason`, where there was more than one. */
  readonly hasOpenChoice?: boolean | undefined;
}

/** What the clients of each API take for the end, besides `[DONE]` and errors. */
const ENDINGS: ReadonlySet<string> = new Set(
  (
    'response.completed response.failed response.incomplete response.cancelled message_stop speech.audio.done ' +
    'transcript.text.done image_generation.completed image_edit.completed thread.run.completed thread.run.failed ' +
    'thread.run.incomplete thread.run.cancelled thread.run.expired thread.run.requires_action'
  ).split(' '),
);
/** What these APIs never end with. Of the Responses API that is every event about a part of the response. */
const IN_BETWEEN =
  /^(?:response\.(?:created|queued|in_progress|\w+\.[\w.]+)|message_start|message_delta|content_block_\w+|speech\.audio\.delta|transcript\.text\.(?:delta|segment)|image_(?:generation|edit)\.partial_image|thread\.[\w.]+)$/;
/** What sends nothing but JSON, and a last word. */
const KNOWN =
  /(?:^|\/)(?:chat\/completions|completions|responses(?:\/resp[^/]*)?|audio\/\w+|images\/\w+)$|^messages$|^threads\//;
/** What is a response as a whole; how others of its events end, such as those of a compaction, is not known. */
const RESPONSE = /(?:^|\/)responses(?:\/resp[^/]*)?$/;
const CHAT = /(?:^|\/)completions$/;
const FINISHED = /"finish_reason"\s*:\s*"(?!"|null")/;

/**
 * Returns whether an event stream that has come to its end was broken off, so that it must not pass for a whole one. An end
 * is what the clients of its API take for one, whatever follows it; a stream of a kind that is not known is never cut short.
 */
export function isCutShort(operation: string | undefined, tail: StreamTail): boolean {
  const { events, fragment } = tail;
  if (events.some(isEnd)) return false;
  const last = events.findLast((event) => !KEEPALIVE.test(typeOf(event)));
  if (last === undefined && fragment !== undefined) {
    if (CHAT.test(operation ?? '')) return !FINISHED.test(fragment);
    return KNOWN.test(operation ?? '') && events.length === 0 && !fragment.trimEnd().endsWith('}');
  }
  if (last === undefined) return mustSay(operation);
  const saysNothing = fragment === undefined && events.every(({ data }) => data.trim() === '');
  if (saysNothing && mustSay(operation)) return true;
  const chunks = events.map(({ data }) => parseJsonObject(data)).filter((chunk) => chunk !== undefined);
  const isKnown =
    KNOWN.test(operation ?? '') ||
    chunks.some(hasChoices) ||
    events.some((event) => IN_BETWEEN.test(typeOf(event)));
  // Half an event: whatever came before, its end is missing.
  if (isKnown && parseJsonObject(last.data) === undefined && /^(?:\{|\[)/.test(last.data)) return true;
  if (chunks.some(hasChoices)) return tail.hasOpenChoice ?? !isFinished(chunks, fragment);
  const type = typeOf(last);
  if (type.startsWith('response.') && !RESPONSE.test(operation ?? '')) return false;
  return IN_BETWEEN.test(type);
}

/** A read of a response, or a run, may have nothing more to say. */
function mustSay(operation = ''): boolean {
  return hasOwnForm(operation) || CHAT.test(operation);
}

function isEnd(event: StreamEvent): boolean {
  if (event.data.trim() === '[DONE]' || readStreamError(event) !== undefined) return true;
  return ENDINGS.has(typeOf(event)) && parseJsonObject(event.data) !== undefined;
}

/** The data says it too; half an event has only its name. */
function typeOf({ name, data }: StreamEvent): string {
  if (name !== '' && name !== 'message') return name;
  const type = parseJsonObject(data)?.['type'];
  return typeof type === 'string' ? type : '';
}

function hasChoices({ choices }: JsonObject): boolean {
  return Array.isArray(choices);
}

/** The last chunk that says anything counts: usage and filter results follow it. */
function isFinished(chunks: readonly JsonObject[], fragment: string | undefined): boolean {
  const choices = chunks.flatMap(({ choices }) => (Array.isArray(choices) ? choices : []));
  const last = choices.filter(isJsonObject).findLast(saysSomething);
  if (last === undefined) return fragment !== undefined && FINISHED.test(fragment);
  return hasFinished(last);
}
