import type { AnswerHead } from './answer-of.ts';
import type { BackendBody } from './backend-body.ts';
import { isPacked } from './packed-opening.ts';

/** What has an error has it near its beginning, as its key or as its type. */
const BEGINNING_BYTES = 2048;
const ERROR = Buffer.from('"error');
/** What an answer says something under, the most frequent first. */
const CONTENT = ['choices', 'data', 'content', 'output', 'text', 'results'].map((key) =>
  Buffer.from(`"${key}"`),
);
const SPACE = 0x20;

/**
 * Returns whether an answer in JSON cannot be an error instead, as far as what has come of it tells: it may be cut anywhere
 * into what arrives at once, and what is slow may send white space first, to keep its connection alive.
 */
export function isPlainlyGood({ toRead, header }: AnswerHead, body: BackendBody): boolean {
  if (toRead !== 'beginning' || !body.hasKnownEnd) return false;
  if (isPacked(header('content-encoding'))) return body.keptBytes >= BEGINNING_BYTES;
  const beginning = beginningOf(body.kept);
  if (beginning.includes(ERROR)) return false;
  return beginning.length === BEGINNING_BYTES || CONTENT.some((key) => beginning.includes(key));
}

function beginningOf(kept: Buffer): Buffer {
  let start = 0;
  while (start < kept.length && kept.readUInt8(start) <= SPACE) start += 1;
  return kept.subarray(start, start + BEGINNING_BYTES);
}
