import type { AnswerUsage } from '../telemetry/exchange.ts';

/** Who reads a body. */
interface Reader {
  write(chunk: Buffer): boolean;
  end(lastChunk?: Buffer): void;
  fail(): void;
}

/** A backend's body as its reader sees it. */
export interface ReadableBody {
  readonly isEmpty: boolean;
  keepTail(): { usage(): AnswerUsage | undefined };
  readBy(reader: Reader): void;
  resume(): void;
  abort(): void;
}

/** Who sees a body pass. */
interface Watcher {
  write(chunk: Buffer): void;
  /** Nothing more will come. */
  end?(): void;
}

/** Lets somebody see each chunk of a body just before its reader gets it, as it is and when it comes. */
export class WatchedBody implements ReadableBody {
  readonly #body: ReadableBody;
  readonly #watcher: Watcher;

  constructor(body: ReadableBody, watcher: Watcher) {
    this.#body = body;
    this.#watcher = watcher;
  }

  get isEmpty(): boolean {
    return this.#body.isEmpty;
  }

  keepTail(): { usage(): AnswerUsage | undefined } {
    return this.#body.keepTail();
  }

  readBy(reader: Reader): void {
    const watcher = this.#watcher;
    this.#body.readBy({
      write(chunk) {
        watcher.write(chunk);
        return reader.write(chunk);
      },
      end(lastChunk) {
        if (lastChunk !== undefined) watcher.write(lastChunk);
        watcher.end?.();
        reader.end(lastChunk);
      },
      fail() {
        watcher.end?.();
        reader.fail();
      },
    });
  }

  resume(): void {
    this.#body.resume();
  }

  abort(): void {
    this.#watcher.end?.();
    this.#body.abort();
  }
}
