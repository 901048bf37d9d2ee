import type { AnswerUsage } from '../telemetry/exchange.ts';
import { type AnswerKind, readUsage } from './read-usage.ts';

/** Of a response the usage may stand before metadata, of a stream before notes of the content filter. */
const TAIL_BYTES = 8192;

/**
 * The end of a body; how much there is of it is known when the body has ended. Of a stream it is kept in a ring: the chunks
 * themselves would take four times as much memory, for as long as the stream lasts.
 */
export class BodyTail {
  /** Whether the body has come to its end. */
  isWhole = false;
  readonly #kind: AnswerKind;
  /** All of a body that has come in one piece, as most answers do. */
  #only: Buffer | undefined;
  #ring: Buffer | undefined;
  #bytes = 0;

  constructor(kind: AnswerKind) {
    this.#kind = kind;
  }

  push(chunk: Buffer): void {
    if (this.#bytes === 0) {
      this.#only = chunk;
      this.#bytes = chunk.length;
      return;
    }
    if (this.#only !== undefined) this.#beginRing(this.#only);
    this.#write(chunk);
  }

  /** Returns what the body says that its answer has taken, if it is whole and does. */
  usage(): AnswerUsage | undefined {
    return readUsage(this.#end(), this.#kind, this.isWhole);
  }

  #beginRing(first: Buffer): void {
    this.#only = undefined;
    this.#ring = Buffer.allocUnsafeSlow(TAIL_BYTES);
    this.#bytes = 0;
    this.#write(first);
  }

  #write(chunk: Buffer): void {
    const end = chunk.subarray(-TAIL_BYTES);
    this.#bytes += chunk.length;
    const place = (this.#bytes - end.length) % TAIL_BYTES;
    const copied = end.copy(this.#ring as Buffer, place);
    if (copied < end.length) end.copy(this.#ring as Buffer, 0, copied);
  }

  #end(): Buffer {
    if (this.#only !== undefined) return this.#only.subarray(-TAIL_BYTES);
    if (this.#ring === undefined) return NOTHING;
    const place = this.#bytes % TAIL_BYTES;
    const newer = this.#ring.subarray(0, place);
    return this.#bytes < TAIL_BYTES ? newer : Buffer.concat([this.#ring.subarray(place), newer]);
  }
}

const NOTHING = Buffer.alloc(0);
