import { ChoiceWatch, isCutShort } from '@spillway/core';
import { EventReader } from './event-reader.ts';
import { unpacked } from './unpacked.ts';

/**
 * A longer packed stream is not kept, nor is one inspected that unpacks to more: its end is for the client to check.
 */
const MAX_PACKED_BYTES = 65_536;
const MAX_UNPACKED_BYTES = 1_048_576;
const BLANK_LINE = Buffer.from('\n\n');

/** A packed stream as received. It is unpacked after its end, as clients take half of one for the whole. */
export class PackedStream {
  readonly #encoding: string | undefined;
  #chunks: Buffer[] | undefined = [];
  #bytes = 0;

  constructor(encoding: string | undefined) {
    this.#encoding = encoding;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_PACKED_BYTES) this.#chunks = undefined;
    this.#chunks?.push(chunk);
  }

  /** Returns whether only the beginning of a stream came; never true for an unreadable one. */
  isCutShort(operation: string | undefined): boolean {
    if (this.#chunks === undefined) return false;
    const plain = unpacked(Buffer.concat(this.#chunks), this.#encoding, MAX_UNPACKED_BYTES);
    if (plain === undefined) return false;
    const events = new EventReader().read(Buffer.concat([plain, BLANK_LINE]));
    const choices = new ChoiceWatch();
    for (const event of events) choices.note(event);
    return isCutShort(operation, { events, hasOpenChoice: choices.hasOpenChoice });
  }
}
