/** What has to be read of an answer, beside its head, before it can be judged. */
export type Reading =
  | 'nothing'
  /** Until it shows that it is sound or text, and neither JSON nor a page. */
  | 'first-byte'
  /** Until it shows what an answer in JSON says something under. */
  | 'beginning'
  /** The same of an object that was asked for. */
  | 'object'
  | 'body'
  | 'first-event';

/** What is always answered in JSON, or as a stream. */
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
/** What may be answered with text or sound as well. */
const OTHERS: ReadonlySet<string> = new Set([SPEECH, 'audio/transcriptions', 'audio/translations']);

/** What ends with an id, which has a digit, is answered with that object, in JSON. */
const OF_OBJECT = /\/[^/]*\d[^/]*$/;

const JSON_TYPE = /^\s*(?:application|text)\/(?:[^\s;]*\+)?json\b/i;
/** What people and machines are told in by what stands before a backend. */
const MARKUP_TYPE = /^\s*(?:text\/html|(?:application|text)\/(?:[^\s;]*\+)?xml)\b/i;
const ANY_TYPE = /^\s*(?:text\/plain|application\/octet-stream)\b/i;

/** Returns whether an operation is known by the form of its answers. */
export function hasOwnForm(operation: string | undefined): boolean {
  return operation !== undefined && (IN_JSON.has(operation) || OTHERS.has(operation));
}

/** Returns what an answer of this type is judged by that promises success. What does not say what it is may be a stream. */
export function whatToReadOf(contentType: string | undefined, operation = ''): Reading {
  if (contentType === undefined || isEventStream(contentType)) return 'first-event';
  if (!hasOwnForm(operation)) return OF_OBJECT.test(operation) ? 'object' : 'nothing';
  if (JSON_TYPE.test(contentType)) return operation === 'responses' ? 'body' : 'beginning';
  if (MARKUP_TYPE.test(contentType)) return 'body';
  if (operation === SPEECH) return 'first-byte';
  return IN_JSON.has(operation) && ANY_TYPE.test(contentType) ? 'first-event' : 'nothing';
}

/** Returns what an answer is judged by that may have been a stream, and is none. */
export function whatToReadOfNoStream(operation = ''): Reading {
  if (IN_JSON.has(operation)) return 'beginning';
  return OTHERS.has(operation) ? 'first-byte' : 'nothing';
}

/** Returns whether a content type says that its body is an event stream. */
export function isEventStream(contentType: string | undefined): boolean {
  return /^\s*text\/event-stream\b/i.test(contentType ?? '');
}

/** Returns whether a content type says that its body is a page: what stands before a backend has pages for people, the API has none. */
export function isPageType(contentType: string | undefined): boolean {
  return /^\s*text\/html\b/i.test(contentType ?? '');
}

/** Returns whether a body is a page, whatever its type says. */
export function isPage(bodyText: string): boolean {
  return /^\s*</.test(bodyText);
}

/** Returns whether a body is no answer of the operation, whatever it says: a page, words where JSON has to be, or nothing. */
export function isNoAnswer(bodyText: string, operation = ''): boolean {
  if (isPage(bodyText)) return true;
  return IN_JSON.has(operation) && /^\s*(?:[^\s[{"]|$)/.test(bodyText);
}

/** Returns whether the data of an event are words, where what is streamed is JSON and how it ends. */
export function isInWords(data: string, operation = ''): boolean {
  return IN_JSON.has(operation) && /^\s*[^\s[{"]/.test(data);
}
