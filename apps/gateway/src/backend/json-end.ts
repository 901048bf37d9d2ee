import type { Reading } from '@spillway/core';
import { isSpace } from '../body/is-space.ts';
import { isJsonType } from '../body/json-type.ts';
import type { ResponseHeaders } from '../headers/to-client.ts';
import type { AnswerHead } from './answer-head.ts';
import { isPacked } from './packed-opening.ts';

/** The watcher of a body's end. */
export interface BodyEnd {
  /** Whether nothing but the body itself tells where it ends. */
  readonly isOnlySign: boolean;
  /** Whether only the beginning of an object or list has come. */
  readonly isCutShort: boolean;
  push(chunk: Buffer): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Watches JSON that ends with its connection, as nothing else tells whether it is complete. A process that died closes
 * the connection like one that finished, and Node 20 even takes a reset after the JSON for a normal end.
 */
class JsonEnd implements BodyEnd {
  readonly isOnlySign = true;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  get isCutShort(): boolean {
    return this.#depth > 0;
  }

  push(chunk: Buffer): void {
    for (const byte of chunk) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === QUOTE) this.#isInString = !this.#isInString;
      else if (this.#isInString) this.#isEscaped = byte === BACKSLASH;
      else this.#depth += stepOf(byte);
    }
  }
}

function stepOf(byte: number): number {
  switch (byte) {
    case OPEN_BRACE:
    case OPEN_BRACKET:
      return 1;
    case CLOSE_BRACE:
    case CLOSE_BRACKET:
      return -1;
    default:
      return 0;
  }
}

/**
 * Watches an object whose length is told, but not always truly: some proxies end an answer well although the backend
 * broke off within it. Its last byte costs next to nothing to look at, and nearly always tells. A list does not count:
 * "[Music]" may be the beginning of what was heard in a recording.
 */
class LastByte implements BodyEnd {
  readonly isOnlySign = false;
  #first: number | undefined;
  #last: number | undefined;

  get isCutShort(): boolean {
    return this.#first === OPEN_BRACE && this.#last !== CLOSE_BRACE;
  }

  push(chunk: Buffer): void {
    let at = chunk.length - 1;
    while (at >= 0 && isSpace(chunk[at])) at--;
    if (at < 0) return;
    this.#last = chunk[at];
    if (this.#first !== undefined) return;
    at = 0;
    while (isSpace(chunk[at])) at++;
    this.#first = chunk[at];
  }
}

/** How much is read of the good answers that are always JSON. */
const OF_JSON: ReadonlySet<Reading> = new Set<Reading>(['beginning', 'body', 'object']);

/**
 * Returns the watcher of an answer's end; undefined where its head gives the length and it need not be JSON, or its body
 * cannot be read.
 */
export function watchJsonEnd(headers: ResponseHeaders, { status, toRead }: AnswerHead): BodyEnd | undefined {
  const hasLength = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  const isAnswer = status < 300 && OF_JSON.has(toRead);
  if (hasLength && !isAnswer) return undefined;
  const isJson = isJsonType(headers['content-type']?.toString() ?? '');
  if (!isJson || isPacked(headers['content-encoding']?.toString())) return undefined;
  return hasLength ? new LastByte() : new JsonEnd();
}
