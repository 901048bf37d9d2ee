import type { StreamEvent } from '../attempt.ts';
import { hasOwnForm } from './answer-form.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-object.ts';
import { readStreamError } from './stream-error.ts';
import { hasFinished, isLastWord, KEEPALIVE, saysSomething } from './stream-opening.ts';

/** The end of an event stream, as much of it as was kept. */
export interface StreamTail {
  /** Its last events in order, including an unfinished one at the end. */
  readonly events: readonly StreamEvent[];
  /** The remainder of an earlier event whose beginning was not kept; undefined if all was kept. */
  readonly fragment?: string | undefined;
  /** Whether a choice that has begun lacks its `finish_reason`, where there were several choices. */
  readonly hasOpenChoice?: boolean | undefined;
}

/** Events that the clients of each API treat as the end, besides `[DONE]` and errors. */
const ENDINGS: ReadonlySet<string> = new Set(
  (
    'response.completed response.failed response.incomplete response.cancelled message_stop speech.audio.done ' +
    'transcript.text.done image_generation.completed image_edit.completed thread.run.completed thread.run.failed ' +
    'thread.run.incomplete thread.run.cancelled thread.run.expired thread.run.requires_action'
  ).split(' '),
);
/**
 * Events that never end a stream of these APIs. In the Responses API these are all events about a part of the response.
 */
const IN_BETWEEN =
  /^(?:response\.(?:created|queued|in_progress|\w+\.[\w.]+)|message_start|message_delta|content_block_\w+|speech\.audio\.delta|transcript\.text\.(?:delta|segment)|image_(?:generation|edit)\.partial_image|thread\.[\w.]+)$/;
/** Operations whose streams contain only JSON and an end marker. */
const KNOWN =
  /(?:^|\/)(?:chat\/completions|completions|responses(?:\/resp[^/]*)?|audio\/\w+|images\/\w+)$|^messages$|^threads\//;
/**
 * Operations that stream a whole response; how other streams of its events end, such as those of a compaction, is
 * unknown.
 */
const RESPONSE = /(?:^|\/)responses(?:\/resp[^/]*)?$/;
const CHAT = /(?:^|\/)completions$/;
const FINISHED = /"finish_reason"\s*:\s*"(?!"|null")/;

/**
 * Returns whether an event stream that has ended was broken off, so that it must not pass for a complete one. Whatever
 * the clients of its API treat as the end is the end, whatever follows it; a stream of an unknown kind never counts as
 * cut short.
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
  // Half an event: its end is missing, whatever came before.
  if (isKnown && parseJsonObject(last.data) === undefined && /^(?:\{|\[)/.test(last.data)) return true;
  if (chunks.some(hasChoices)) return tail.hasOpenChoice ?? !isFinished(chunks, fragment);
  const type = typeOf(last);
  if (type.startsWith('response.') && !RESPONSE.test(operation ?? '')) return false;
  return IN_BETWEEN.test(type);
}

/** Reading a stored response, or a run, may yield nothing more. */
function mustSay(operation = ''): boolean {
  return hasOwnForm(operation) || CHAT.test(operation);
}

function isEnd(event: StreamEvent): boolean {
  if (isLastWord(event) || readStreamError(event) !== undefined) return true;
  return ENDINGS.has(typeOf(event)) && parseJsonObject(event.data) !== undefined;
}

/** The data names the type too; half an event has only its event name. */
function typeOf({ name, data }: StreamEvent): string {
  if (name !== '' && name !== 'message') return name;
  const type = parseJsonObject(data)?.['type'];
  return typeof type === 'string' ? type : '';
}

function hasChoices({ choices }: JsonObject): boolean {
  return Array.isArray(choices);
}

/** The last chunk with content or an end reason counts: usage and filter results follow it. */
function isFinished(chunks: readonly JsonObject[], fragment: string | undefined): boolean {
  const choices = chunks.flatMap(({ choices }) => (Array.isArray(choices) ? choices : []));
  const last = choices.filter(isJsonObject).findLast(saysSomething);
  if (last === undefined) return fragment !== undefined && FINISHED.test(fragment);
  return hasFinished(last);
}
