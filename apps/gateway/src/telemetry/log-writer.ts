import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { type LogSink, openLogSink } from './log-sink.ts';

/** Lines of requests are written together once they fill a batch, or after the interval. */
const BATCH_BYTES = 65_536;
const WRITE_EVERY_MS = 250;
/** If the reader stalls, lines are dropped rather than memory filled: 16 MB are kept. */
const MAX_WAITING_BATCHES = 256;
const MAX_SPARE_BATCHES = 2;
/** A UTF-16 unit is at most this many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;
const NEWLINE = Buffer.from('\n');

/**
 * Writes log lines in batches, off the event loop: no request waits for the reader. pino's own destination does the
 * same, but keeps lines as strings and measures all of them again with each new one, which costs more than rendering
 * the line.
 */
export class LogWriter implements DestinationStream {
  readonly #fd: number;
  readonly #sink: LogSink;
  #batch: Batch = newBatch();
  /** Full batches in order; the first one is being written. */
  readonly #waiting: Batch[] = [];
  /** Written batches for reuse: new ones would constantly be garbage of the expensive kind. */
  readonly #spare: Batch[] = [];
  #isWriting = false;
  /** Whether the last output is the beginning of a line, as a disk was full before its end. */
  #isCut = false;
  /** Whether the batch has a line that somebody may wait for. */
  #isDue = false;
  #droppedLines = 0;
  #untoldLines = 0;
  #flush: Flush | undefined;

  constructor(fd: number, sink: LogSink = openLogSink(fd)) {
    this.#fd = fd;
    this.#sink = sink;
    setInterval(() => this.#writeAll(), WRITE_EVERY_MS).unref();
    process.once('exit', () => this.#writeRest());
  }

  /** The number of lost lines. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Writes a line that somebody may be waiting for, as soon as this turn of the event loop is over. */
  write(line: string): void {
    this.writeLater(line);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#writeAll());
  }

  /** Writes a line that may wait for its batch. */
  writeLater(line: string): void {
    const maxBytes = line.length * MAX_BYTES_PER_UNIT;
    if (this.#batch.used + maxBytes > this.#batch.bytes.length) {
      this.#shelve();
      this.#writeNext();
      if (maxBytes > BATCH_BYTES) this.#batch = newBatch(maxBytes);
    }
    this.#batch.used += this.#batch.bytes.write(line, this.#batch.used);
    this.#batch.lines++;
  }

  /**
   * Resolves when every line so far has been written, when there has been no progress for a while, or when it takes too
   * long.
   */
  flush({ stalledMs, maxMs }: { readonly stalledMs: number; readonly maxMs: number }): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(stalled);
        clearTimeout(longest);
        this.#flush = undefined;
        resolve();
      };
      const stalled = setTimeout(end, stalledMs);
      const longest = setTimeout(end, maxMs);
      this.#flush = { noteProgress: () => stalled.refresh(), end };
      this.#writeAll();
    });
  }

  #writeAll(): void {
    // While one is written, the next goes on being filled.
    if (this.#isWriting) return;
    this.#shelve();
    this.#writeNext();
  }

  /** Queues the batch, and begins another. */
  #shelve(): void {
    this.#isDue = false;
    if (this.#batch.used === 0) return;
    if (this.#waiting.length < MAX_WAITING_BATCHES) this.#waiting.push(this.#batch);
    else this.#noteDropped(this.#batch.lines);
    this.#batch = this.#spare.pop() ?? newBatch();
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const [next] = this.#waiting;
    if (next === undefined) return this.#flush?.end();
    this.#isWriting = true;
    const write = () =>
      this.#sink.write(next.bytes.subarray(0, next.used), (error, writtenBytes = 0) =>
        this.#endBatch(next, error ? writtenBytes : next.used),
      );
    if (!this.#isCut) return write();
    this.#sink.write(NEWLINE, (error) => {
      if (error) return this.#endBatch(next, 0);
      this.#isCut = false;
      write();
    });
  }

  #endBatch(batch: Batch, writtenBytes: number): void {
    this.#waiting.shift();
    this.#isWriting = false;
    this.#flush?.noteProgress();
    // After an error nobody reads any more: lines are lost, but requests go on.
    if (writtenBytes === batch.used) this.#tellDropped();
    else this.#noteCut(batch, writtenBytes);
    if (this.#spare.length < MAX_SPARE_BATCHES && batch.bytes.length === BATCH_BYTES) {
      batch.used = 0;
      batch.lines = 0;
      this.#spare.push(batch);
    }
    if (this.#waiting.length === 0 && (this.#isDue || this.#flush !== undefined)) this.#shelve();
    this.#writeNext();
  }

  /** Counts the lost lines of a batch that was cut off: the lines before the cut have been written. */
  #noteCut({ bytes, lines }: Batch, writtenBytes: number): void {
    const written = bytes.subarray(0, writtenBytes);
    if (writtenBytes > 0) this.#isCut = written.at(-1) !== NEWLINE[0];
    this.#noteDropped(lines - countLines(written));
  }

  #noteDropped(lines: number): void {
    this.#droppedLines += lines;
    this.#untoldLines += lines;
  }

  /** Called once lines are read again. */
  #tellDropped(): void {
    const dropped = this.#untoldLines;
    if (dropped === 0) return;
    this.#untoldLines = 0;
    this.writeLater(
      `${JSON.stringify({ level: 40, time: Date.now(), dropped, msg: 'log lines were dropped' })}\n`,
    );
  }

  /** Called at the process's end, whatever its cause. A batch that is being written cannot be overtaken. */
  #writeRest(): void {
    if (this.#isWriting) return;
    try {
      if (this.#isCut) writeSync(this.#fd, NEWLINE);
      for (const { bytes, used } of [...this.#waiting, this.#batch]) writeSync(this.#fd, bytes, 0, used);
    } catch {
      // There is no one left to report it to.
    }
  }
}

/** A call that waits for all lines to be written. */
interface Flush {
  noteProgress(): void;
  end(): void;
}

interface Batch {
  readonly bytes: Buffer;
  used: number;
  lines: number;
}

function newBatch(bytes: number = BATCH_BYTES): Batch {
  return { bytes: Buffer.allocUnsafeSlow(bytes), used: 0, lines: 0 };
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, end + 1)) lines++;
  return lines;
}
