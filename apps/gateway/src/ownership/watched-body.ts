import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { AnswerKind } from '../usage/read-usage.ts';
import type { BodyReader, ReadableBody } from '../usage/readable-body.ts';

export type { ReadableBody };

/** The watcher of a passing body. */
interface Watcher {
  write(chunk: Buffer): void;
  /** Called when nothing more will come. */
  end?(): void;
}

/** Shows a watcher each chunk of a body just before its reader gets it, unchanged and without delay. */
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

  keepTail(kind: AnswerKind): { usage(): AnswerUsage | undefined } {
    return this.#body.keepTail(kind);
  }

  readBy(reader: BodyReader): void {
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
