import type { AnswerHead } from './answer-head.ts';
import type { BackendBody } from './backend-body.ts';
import { isPacked } from './packed-opening.ts';

/** What has an error has it near its beginning, as its key or as its type. */
const BEGINNING_BYTES = 2048;
const ERROR = Buffer.from('"error');
/** What an answer says something under, the most frequent first. */
const CONTENT = keys('choices', 'data', 'content', 'output', 'text', 'results');
/** What an object is told by. */
const IDENTITY = keys('id', 'object', 'data');
const WHITE_SPACE: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const OBJECT = 0x7b; // {
const LIST = 0x5b; // [
const PAGE = 0x3c; // <

/**
 * Returns whether an answer cannot be an error instead, as far as what has come of it tells: it may be cut anywhere into what
 * arrives at once, and what is slow may send white space first, to keep its connection alive.
 */
export function isPlainlyGood({ toRead, header }: AnswerHead, body: BackendBody): boolean {
  if (toRead === 'nothing') return true;
  if (toRead === 'body' || toRead === 'first-event' || !body.hasKnownEnd) return false;
  if (isPacked(header('content-encoding'))) return body.keptBytes >= BEGINNING_BYTES;
  const beginning = beginningOf(body.kept);
  if (toRead === 'first-byte' && !isText(beginning)) return beginning.length > 0;
  if (beginning.includes(ERROR)) return false;
  if (beginning.length === BEGINNING_BYTES) return toRead === 'first-byte' || isJson(beginning);
  return (toRead === 'object' ? IDENTITY : CONTENT).some((key) => beginning.includes(key));
}

/** Returns whether what has come cannot be an answer, although it is too long to be waited for. */
export function isPlainlyNone({ toRead, header }: AnswerHead, body: BackendBody): boolean {
  if (toRead !== 'beginning' || isPacked(header('content-encoding'))) return false;
  const beginning = beginningOf(body.kept);
  return beginning.length > 0 && !isJson(beginning);
}

function keys(...names: readonly string[]): readonly Buffer[] {
  return names.map((name) => Buffer.from(`"${name}"`));
}

function beginningOf(kept: Buffer): Buffer {
  let start = 0;
  while (WHITE_SPACE.has(kept[start])) start += 1;
  return kept.subarray(start, start + BEGINNING_BYTES);
}

function isJson(beginning: Buffer): boolean {
  const first = beginning[0];
  return first === OBJECT || first === LIST;
}

/** What is told in words where sound or a text is expected. */
function isText(beginning: Buffer): boolean {
  const first = beginning[0];
  return first === OBJECT || first === PAGE;
}
