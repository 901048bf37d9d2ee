import type { Transform } from 'node:stream';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { AnswerKind } from './read-usage.ts';
import type { BodyReader, ReadableBody } from './readable-body.ts';
import type { UsageFilter } from './usage-filter.ts';

/** The watcher of a passing body. */
interface Watcher {
  write(chunk: Buffer): void;
  /**
   * Called when nothing more will come, with whether that was everything. It gets the last chunk too, where it is known
   * to be the last.
   */
  end(isWhole: boolean, lastChunk?: Buffer): void;
  /** The usage found in the answer. */
  readonly usage: AnswerUsage | undefined;
}

/** Shows a meter each chunk of a body, and removes the parts that are only for the meter. */
export class MeteredBody implements ReadableBody {
  readonly #body: ReadableBody;
  readonly #watcher: Watcher;
  readonly #filter: UsageFilter | undefined;

  constructor(body: ReadableBody, watcher: Watcher, filter: UsageFilter | undefined) {
    this.#body = body;
    this.#watcher = watcher;
    this.#filter = filter;
  }

  /** The bytes so far may be held back by the filter. */
  get isEmpty(): boolean {
    return this.#filter !== undefined || this.#body.isEmpty;
  }

  /** The meter reads it anyway. */
  keepTail(): { usage(): AnswerUsage | undefined } {
    return { usage: () => this.#watcher.usage };
  }

  readBy(reader: BodyReader): void {
    const watcher = this.#watcher;
    const filter = this.#filter;
    this.#body.readBy({
      write(chunk) {
        watcher.write(chunk);
        if (filter === undefined) return reader.write(chunk);
        const passed = filter.write(chunk);
        return passed.length === 0 || reader.write(passed);
      },
      end(lastChunk) {
        watcher.end(true, lastChunk);
        reader.end(filter === undefined ? lastChunk : lastOf(filter, lastChunk));
      },
      fail() {
        watcher.end(false);
        const held = filter?.fail();
        if (held !== undefined && held.length > 0) reader.write(held);
        reader.fail();
      },
    });
  }

  resume(): void {
    this.#body.resume();
  }

  abort(): void {
    this.#watcher.end(false);
    this.#body.abort();
  }
}

function lastOf(filter: UsageFilter, lastChunk: Buffer | undefined): Buffer | undefined {
  const passed = lastChunk === undefined ? [] : [filter.write(lastChunk)];
  const last = Buffer.concat([...passed, filter.end()]);
  return last.length === 0 ? undefined : last;
}

/** The unpacked form of a body that a backend has packed although it was asked not to. */
export class UnpackedBody implements ReadableBody {
  readonly isEmpty = true;
  readonly #body: ReadableBody;
  readonly #unpacker: Transform;
  #isOver = false;

  constructor(body: ReadableBody, unpacker: Transform) {
    this.#body = body;
    this.#unpacker = unpacker;
  }

  keepTail(kind: AnswerKind): { usage(): AnswerUsage | undefined } {
    return this.#body.keepTail(kind);
  }

  readBy(reader: BodyReader): void {
    const unpacker = this.#unpacker;
    let isWhole = true;
    unpacker.on('data', (chunk: Buffer) => {
      if (!this.#isOver && !reader.write(chunk)) unpacker.pause();
    });
    unpacker.on('drain', () => this.#body.resume());
    unpacker.once('end', () => this.#end(() => (isWhole ? reader.end() : reader.fail())));
    unpacker.once('error', () => {
      this.#end(() => reader.fail());
      this.#body.abort();
    });
    this.#body.readBy({
      write: (chunk) => unpacker.write(chunk),
      end: (lastChunk) => void unpacker.end(lastChunk),
      fail: () => {
        isWhole = false;
        unpacker.end();
      },
    });
  }

  resume(): void {
    this.#unpacker.resume();
  }

  abort(): void {
    this.#isOver = true;
    this.#unpacker.destroy();
    this.#body.abort();
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    tell();
  }
}
