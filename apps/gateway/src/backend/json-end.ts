import { isJsonType } from '../body/json-type.ts';
import type { ResponseHeaders } from '../headers/to-client.ts';
import { isPacked } from './packed-opening.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Watches JSON that ends with its connection, as nothing else tells whether it is complete. A process that died closes
 * the connection like one that finished, and Node 20 even takes a reset after the JSON for a normal end.
 */
export class JsonEnd {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Whether only the beginning of an object or list has come. */
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

/** Returns the watcher of an answer's end; undefined where its head gives the length, or its body cannot be read. */
export function watchJsonEnd(headers: ResponseHeaders): JsonEnd | undefined {
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) return undefined;
  const isJson = isJsonType(headers['content-type']?.toString() ?? '');
  return isJson && !isPacked(headers['content-encoding']?.toString()) ? new JsonEnd() : undefined;
}
