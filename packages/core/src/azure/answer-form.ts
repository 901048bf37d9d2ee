import type { JsonObject } from './json-object.ts';

/** How much of an answer, beside its head, must be read before it can be judged. */
export type Reading =
  | 'nothing'
  /** Until it turns out to be sound or text, and neither JSON nor a page. */
  | 'first-byte'
  /** Until the field appears that holds the content of a JSON answer. */
  | 'beginning'
  /** The same for an object that was asked for. */
  | 'object'
  | 'body'
  | 'first-event';

/** Operations that are always answered with JSON or a stream. */
const IN_JSON: ReadonlySet<string> = new Set([
  'chat/completions',
  'completions',
  'responses',
  'responses/compact',
  'responses/input_tokens',
  'embeddings',
  'moderations',
  'messages',
  'messages/count_tokens',
  'images/generations',
  'images/edits',
  'images/variations',
  'images/embeddings',
]);
const SPEECH = 'audio/speech';
/** Operations that may be answered with text or sound as well. */
const OTHERS: ReadonlySet<string> = new Set([SPEECH, 'audio/transcriptions', 'audio/translations']);

const JSON_TYPE = /^\s*(?:application|text)\/(?:[^\s;]*\+)?json\b/i;
/** Proxies in front of a backend answer people and machines in markup. */
const MARKUP_TYPE = /^\s*(?:text\/html|(?:application|text)\/(?:[^\s;]*\+)?xml)\b/i;
const ANY_TYPE = /^\s*(?:text\/plain|application\/octet-stream)\b/i;

/** Returns whether the form of an operation's answers is known. */
export function hasOwnForm(operation: string | undefined): boolean {
  return operation !== undefined && (IN_JSON.has(operation) || OTHERS.has(operation));
}

/** Returns whether an operation is always answered in JSON, or with a stream of JSON. */
export function isInJson(operation = ''): boolean {
  return IN_JSON.has(operation);
}

/**
 * Returns how much must be read to judge a successful answer of this type. Without a content type it may be a stream.
 */
export function whatToReadOf(contentType: string | undefined, operation = ''): Reading {
  if (contentType === undefined || contentType.trim() === '' || isEventStream(contentType))
    return 'first-event';
  if (!hasOwnForm(operation)) return endsWithId(operation) ? 'object' : 'nothing';
  if (JSON_TYPE.test(contentType)) return operation === 'responses' ? 'body' : 'beginning';
  if (MARKUP_TYPE.test(contentType)) return 'body';
  if (operation === SPEECH) return 'first-byte';
  return IN_JSON.has(operation) && ANY_TYPE.test(contentType) ? 'first-event' : 'nothing';
}

/** A path that ends with an id, which contains a digit, is answered with that object, in JSON. */
function endsWithId(operation: string): boolean {
  const slash = operation.lastIndexOf('/');
  return slash !== -1 && /\d/.test(operation.slice(slash));
}

/** Returns how much must be read of an answer that might have been a stream but is none. */
export function whatToReadOfNoStream(operation = ''): Reading {
  if (IN_JSON.has(operation)) return 'beginning';
  return OTHERS.has(operation) ? 'first-byte' : 'nothing';
}

/** Returns whether a content type says that its body is an event stream. */
export function isEventStream(contentType: string | undefined): boolean {
  return /^\s*text\/event-stream\b/i.test(contentType ?? '');
}

/**
 * Returns whether a content type says that the body is a page: proxies in front of a backend have pages, the API has
 * none.
 */
export function isPageType(contentType: string | undefined): boolean {
  return /^\s*text\/html\b/i.test(contentType ?? '');
}

/** Returns whether a body is a page, whatever its type says. */
function isPage(bodyText: string): boolean {
  return /^\s*</.test(bodyText);
}

/** Returns whether a body cannot be an answer of the operation: a page, plain words instead of JSON, or nothing. */
export function isNoAnswer(bodyText: string, operation = ''): boolean {
  if (isPage(bodyText)) return true;
  return IN_JSON.has(operation) && /^\s*(?:[^\s[{"]|$)/.test(bodyText);
}

/** Errors in plain words are short. */
const LONGEST_WORDS = 16_384;

/**
 * Returns whether an event's data are plain words, or only the beginning of JSON, where a stream consists of JSON and its
 * end marker.
 *
 * @param body the object that the data are, if they are one
 */
export function isInWords(data: string, body: JsonObject | undefined, operation = ''): boolean {
  if (!IN_JSON.has(operation) || data.length > LONGEST_WORDS) return false;
  return /^\s*[^\s[{"]/.test(data) || (/^\s*\{/.test(data) && body === undefined);
}
