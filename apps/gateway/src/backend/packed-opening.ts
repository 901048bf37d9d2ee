import { unpacked } from './unpacked.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/** Returns whether bytes under this `content-encoding` are to be unpacked before they can be read. */
export function isPacked(encoding: string | undefined): boolean {
  return !/^(?:\s|,|identity)*$/i.test(encoding ?? '');
}

/** The beginning of a packed body, which is unpacked anew with each chunk: it is short, and few chunks make it. */
export class PackedOpening {
  readonly #encoding: string | undefined;
  #packed = NOTHING;
  #readBytes = 0;
  /** Whether its bytes make no sense, or nobody knows how to unpack them. */
  isUnreadable = false;

  constructor(encoding: string | undefined) {
    this.#encoding = encoding;
  }

  /** Returns what has become readable with a chunk. */
  push(chunk: Buffer): Buffer {
    this.#packed = Buffer.concat([this.#packed, chunk]);
    const plain = unpacked(this.#packed, this.#encoding);
    if (plain === undefined) {
      this.isUnreadable = true;
      return NOTHING;
    }
    const fresh = plain.subarray(this.#readBytes);
    this.#readBytes = plain.length;
    return fresh;
  }
}
