import { isSpace } from '../body/is-space.ts';
import { has, word } from '../body/rare-word.ts';
import type { AnswerHead } from './answer-head.ts';
import type { BackendBody } from './backend-body.ts';
import { isPacked } from './packed-opening.ts';
import { beginsLikeEvents, type StreamWatch } from './stream-watch.ts';

/** Error bodies are short. A longer one is judged by its start. */
const JUDGED_BYTES = 16_384;
/** An error is near the beginning of its body, as a key or as a type. */
const BEGINNING_BYTES = 2048;
const ERROR = word('"error', 'rror');
/** The keys of an answer's content, the most frequent first. */
const CONTENT = keys('choices', 'data', 'content', 'output', 'text', 'results');
/** The keys that identify an object. */
const IDENTITY = keys('id', 'object', 'data');
const OBJECT = 0x7b; // {
const LIST = 0x5b; // [
const PAGE = 0x3c; // <

/** Returns whether enough of an answer has come to judge it, although it is not complete. */
export function isEnough(head: AnswerHead, body: BackendBody, stream: StreamWatch | undefined): boolean {
  const isLong = body.keptBytes >= (stream?.heldBytes ?? JUDGED_BYTES);
  return isLong || stream?.isOpen === true || isPlainlyGood(head, body);
}

/**
 * Returns whether an answer cannot be an error, judging by the bytes so far. They may be cut anywhere, and a slow
 * backend may send white space first to keep its connection alive.
 */
function isPlainlyGood({ toRead, header }: AnswerHead, body: BackendBody): boolean {
  if (toRead === 'nothing') return true;
  if (toRead === 'body' || toRead === 'first-event' || !body.hasKnownEnd) return false;
  if (isPacked(header('content-encoding'))) return body.keptBytes >= BEGINNING_BYTES;
  const beginning = beginningOf(body);
  if (toRead === 'first-byte' && !isText(beginning)) return beginning.length > 0;
  if (has(beginning, ERROR)) return false;
  if (beginning.length === BEGINNING_BYTES) return toRead === 'first-byte' || isJson(beginning);
  return (toRead === 'object' ? IDENTITY : CONTENT).some((key) => beginning.includes(key));
}

/**
 * Judges an answer by its beginning. The end may come with it although the JSON is not complete, and tells more: so that
 * is judged in a moment.
 */
export function judgeBeginning(body: BackendBody, handler: { judge(): void }): void {
  if (body.isCutShort) queueMicrotask(() => handler.judge());
  else handler.judge();
}

/** Returns whether an answer that was declared as JSON, or as a page, begins like an event stream, by its first chunk. */
export function isMislabelled(
  { status, toRead, header }: AnswerHead,
  { keptBytes }: BackendBody,
  chunk: Buffer,
): boolean {
  if (keptBytes !== chunk.length || status >= 300 || (toRead !== 'beginning' && toRead !== 'body'))
    return false;
  if (chunk[0] === OBJECT || isPacked(header('content-encoding'))) return false;
  return beginsLikeEvents(chunk.toString('latin1', 0, 16)) && !isSpace(chunk[0]);
}

/** Returns whether the bytes so far cannot be a valid answer, although the body is too long to wait for. */
export function isPlainlyNone({ toRead, header }: AnswerHead, body: BackendBody): boolean {
  if (toRead !== 'beginning' || isPacked(header('content-encoding'))) return false;
  const beginning = beginningOf(body);
  return beginning.length > 0 && !isJson(beginning);
}

function keys(...names: readonly string[]): readonly Buffer[] {
  return names.map((name) => Buffer.from(`"${name}"`));
}

function beginningOf({ keptText }: BackendBody): Buffer {
  return keptText.subarray(0, BEGINNING_BYTES);
}

function isJson(beginning: Buffer): boolean {
  const first = beginning[0];
  return first === OBJECT || first === LIST;
}

/** Returns whether there is JSON or a page where sound or a plain text is expected. */
function isText(beginning: Buffer): boolean {
  const first = beginning[0];
  return first === OBJECT || first === PAGE;
}
