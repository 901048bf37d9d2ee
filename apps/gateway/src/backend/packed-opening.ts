import { unpacked } from './unpacked.ts';

const NOTHING: Buffer = Buffer.alloc(0);
/** Each look unpacks everything so far. Beginnings are known after a few chunks. */
const MAX_LOOKS = 256;

/** Returns whether bytes with this `content-encoding` have to be unpacked before they can be read. */
export function isPacked(encoding: string | undefined): boolean {
  return encoding !== undefined && !/^(?:\s|,|identity)*$/i.test(encoding);
}

/** The beginning of a packed body. It is unpacked anew with each chunk, so little of it is held back. */
export class PackedOpening {
  readonly #encoding: string | undefined;
  #packed = NOTHING;
  #readBytes = 0;
  #looks = 0;
  /** Whether its bytes are invalid, packed in an unknown way, or in too many chunks. */
  isUnreadable = false;

  constructor(encoding: string | undefined) {
    this.#encoding = encoding;
  }

  /** Returns the bytes that a chunk makes readable. */
  push(chunk: Buffer): Buffer {
    this.#packed = Buffer.concat([this.#packed, chunk]);
    this.#looks++;
    const plain = this.#looks > MAX_LOOKS ? undefined : unpacked(this.#packed, this.#encoding);
    if (plain === undefined) {
      this.isUnreadable = true;
      return NOTHING;
    }
    const fresh = plain.subarray(this.#readBytes);
    this.#readBytes = plain.length;
    return fresh;
  }
}
