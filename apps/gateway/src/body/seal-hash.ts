import { createHash } from 'node:crypto';
import type { ByteRange } from './byte-range.ts';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Tells seals from ids. */
const PREFIX = 'sealed:';

/** Returns whether a name is that of sealed content. */
export function isSeal(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Names sealed content by its hash, as it arrives in pieces of a JSON string. Only letters and digits count, as clients
 * may or may not escape Base64's other signs.
 */
export class SealHash {
  readonly #hash = createHash('sha256');
  /** The number of bytes still to come of an escape; `undefined` if its kind is unknown. */
  #escaped: number | undefined = 0;

  push(bytes: Buffer, { start, end }: ByteRange): void {
    const kept = Buffer.allocUnsafe(end - start);
    let length = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#escaped === undefined) this.#escaped = byte === LETTER_U ? 4 : 0;
      else if (this.#escaped > 0) this.#escaped--;
      else if (byte === BACKSLASH) this.#escaped = undefined;
      else if (isAlphanumeric(byte)) kept[length++] = byte;
    }
    this.#hash.update(kept.subarray(0, length));
  }

  /** Returns the name. Nothing can be pushed any more. */
  end(): string {
    return PREFIX + this.#hash.digest('base64url').slice(0, 22);
  }
}

/** Returns the name of the sealed content in a range of a JSON text. */
export function sealOf(body: Buffer, range: ByteRange): string {
  const hash = new SealHash();
  hash.push(body, range);
  return hash.end();
}

function isAlphanumeric(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}
