import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { ReadableBody } from './watched-body.ts';

/** A body that the gateway has made itself. */
export class MadeBody implements ReadableBody {
  readonly isEmpty = false;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** It has cost no tokens. */
  keepTail(): { usage(): AnswerUsage | undefined } {
    return { usage: () => undefined };
  }

  readBy(reader: Parameters<ReadableBody['readBy']>[0]): void {
    reader.end(this.#bytes);
  }

  resume(): void {}

  abort(): void {}
}

/** The longest body that is read whole. */
const LONGEST_BYTES = 8 * 1024 * 1024;

/** Reads a body whole; undefined if it is too long or breaks off. */
export function readWhole(body: ReadableBody): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    body.readBy({
      write(chunk) {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes <= LONGEST_BYTES) return true;
        body.abort();
        resolve(undefined);
        return false;
      },
      end(lastChunk) {
        if (lastChunk !== undefined) chunks.push(lastChunk);
        resolve(Buffer.concat(chunks));
      },
      fail: () => resolve(undefined),
    });
  });
}
