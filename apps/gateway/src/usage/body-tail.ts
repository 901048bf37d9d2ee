import type { AnswerUsage } from '../telemetry/exchange.ts';
import { largerUsage } from './combine-usage.ts';
import { type AnswerKind, readFirstUsage, readUsage } from './read-usage.ts';

/** In a response the usage may come before metadata, and in a stream before notes of the content filter. */
const TAIL_BYTES = 8192;

/**
 * The end of a body; its length is known when the body has ended. For a stream it is kept in a ring: the chunks
 * themselves would take four times as much memory, for as long as the stream lasts.
 */
export class BodyTail {
  /** Whether the body has come to its end. */
  isWhole = false;
  readonly #kind: AnswerKind;
  /** The whole body if it came in one piece, as most answers do. */
  #only: Buffer | undefined;
  #ring: Buffer | undefined;
  #bytes = 0;
  /** The first usage of a stream whose beginning is no longer kept. */
  #first: AnswerUsage | undefined;

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

  /** Returns the usage that the body reports: for a stream the combination of its first and last events. */
  usage(): AnswerUsage | undefined {
    const last = readUsage(this.#end(), this.#kind, this.isWhole);
    const first = this.#kind === 'events' ? this.#firstUsage() : undefined;
    return first === undefined || last === undefined ? (last ?? first) : largerUsage(first, last);
  }

  #beginRing(first: Buffer): void {
    this.#only = undefined;
    this.#ring = Buffer.allocUnsafeSlow(TAIL_BYTES);
    this.#bytes = 0;
    this.#write(first);
  }

  #write(chunk: Buffer): void {
    if (this.#kind === 'events' && this.#bytes <= TAIL_BYTES) this.#keepFirst(chunk);
    const end = chunk.subarray(-TAIL_BYTES);
    this.#bytes += chunk.length;
    const place = (this.#bytes - end.length) % TAIL_BYTES;
    const copied = end.copy(this.#ring as Buffer, place);
    if (copied < end.length) end.copy(this.#ring as Buffer, 0, copied);
  }

  /** Reads the first usage when its bytes are about to be overwritten. */
  #keepFirst(chunk: Buffer): void {
    const ring = this.#ring as Buffer;
    if (this.#bytes + chunk.length <= TAIL_BYTES) return;
    chunk.copy(ring, this.#bytes);
    this.#first = readFirstUsage(ring);
  }

  #firstUsage(): AnswerUsage | undefined {
    if (this.#only !== undefined) return readFirstUsage(this.#only.subarray(0, TAIL_BYTES));
    return this.#bytes > TAIL_BYTES ? this.#first : readFirstUsage(this.#end());
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
