import type { Usage } from '@spillway/core';
import { readUsage } from './read-usage.ts';

/** Of a response the usage may stand before metadata, of a stream before notes of the content filter. */
const TAIL_BYTES = 8192;

/** The end of a body, as the chunks that it came in; how much there is of it is known when the body has ended. */
export class BodyTail {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    let first = this.#chunks[0];
    while (first !== undefined && this.#bytes - first.length >= TAIL_BYTES) {
      this.#bytes -= first.length;
      this.#chunks.shift();
      first = this.#chunks[0];
    }
  }

  /** Answers what the body says that its answer has taken of the quota, if it is whole and does. */
  usage(): Usage | undefined {
    return readUsage(joined(this.#chunks).toString('latin1', Math.max(this.#bytes - TAIL_BYTES, 0)));
  }
}

/** A short answer comes in one piece, which need not be copied. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
