import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { ReadableBody } from './watched-body.ts';

/** A body that the gateway itself has created. */
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

/** The limit on a body that is read whole, unless another is given. */
const LONGEST_BYTES = 8 * 1024 * 1024;

/**
 * The limits on reading a body, in bytes and time; by default it may take as long as its backend does not fall silent.
 */
interface ReadingBounds {
  readonly maxBytes?: number;
  readonly maxMs?: number;
}

/** Reads a body whole; undefined if it is too long, breaks off or takes too long. */
export function readWhole(
  body: ReadableBody,
  { maxBytes = LONGEST_BYTES, maxMs }: ReadingBounds = {},
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    const breakOff = () => {
      body.abort();
      resolve(undefined);
    };
    // The time may have passed before: Node warns of a negative one.
    const late = maxMs === undefined ? undefined : setTimeout(breakOff, Math.max(0, maxMs));
    body.readBy({
      write(chunk) {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes <= maxBytes) return true;
        clearTimeout(late);
        breakOff();
        return false;
      },
      end(lastChunk) {
        clearTimeout(late);
        if (lastChunk !== undefined) chunks.push(lastChunk);
        resolve(Buffer.concat(chunks));
      },
      fail() {
        clearTimeout(late);
        resolve(undefined);
      },
    });
  });
}
