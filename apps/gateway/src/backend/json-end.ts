import { isJsonType } from '../body/json-type.ts';
import type { ResponseHeaders } from '../headers/to-client.ts';
import { isPacked } from './packed-opening.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Watches JSON that comes until its connection is closed: nothing else tells whether all of it has come. A process that has
 * died ends it just as one that has done its work, and Node 20 takes even a reset behind it for its end.
 */
export class JsonEnd {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Whether what has come is the beginning of an object or of a list only. */
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
    case 0x7b: // {
    case 0x5b: // [
      return 1;
    case 0x7d: // }
    case 0x5d: // ]
      return -1;
    default:
      return 0;
  }
}

/** Returns what watches an answer's end; undefined where its head tells it, or its body cannot be read. */
export function watchJsonEnd(headers: ResponseHeaders): JsonEnd | undefined {
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return undefined;
  const isJson = isJsonType(headers['content-type']?.toString() ?? '');
  return isJson && !isPacked(headers['content-encoding']?.toString()) ? new JsonEnd() : undefined;
}
