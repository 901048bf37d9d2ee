import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Lines are written together once they fill a batch, or after the interval. */
const BATCH_BYTES = 65_536;
const WRITE_EVERY_MS = 250;
/** With a reader that stalls, lines are dropped rather than memory filled. */
const MOST_WAITING_BATCHES = 256;
const MOST_SPARE_BATCHES = 2;
/** Until a pipe that was full is tried again. */
const RETRY_MS = 100;
/** A UTF-16 unit is at most this many bytes in UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * Writes log lines in batches, off the event loop: no request waits for whoever reads them. pino's own destination does
 * the same, but keeps lines as strings and measures all of them anew with each, which costs more than making the line.
 */
export class LogWriter implements DestinationStream {
  readonly #fd: number;
  #batch: Batch = newBatch();
  /** Full batches in their order, the first of them being written. */
  readonly #waiting: Batch[] = [];
  /** Written batches, to be filled again: new ones all the time would be garbage of the slow kind. */
  readonly #spare: Batch[] = [];
  #isWriting = false;
  #onIdle: (() => void) | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    setInterval(() => this.#writeAll(), WRITE_EVERY_MS).unref();
    process.once('exit', () => this.#writeRest());
  }

  write(line: string): void {
    const mostBytes = line.length * MOST_BYTES_PER_UNIT;
    if (this.#batch.used + mostBytes > this.#batch.bytes.length) {
      this.#writeAll();
      if (mostBytes > BATCH_BYTES) this.#batch = newBatch(mostBytes);
    }
    this.#batch.used += this.#batch.bytes.write(line, this.#batch.used);
  }

  /** Resolves when every line so far has been written. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#writeAll();
    });
  }

  #writeAll(): void {
    if (this.#batch.used > 0) {
      if (this.#waiting.length < MOST_WAITING_BATCHES) this.#waiting.push(this.#batch);
      this.#batch = this.#spare.pop() ?? newBatch();
    }
    this.#writeNext();
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const next = this.#waiting[0];
    if (next === undefined) return this.#onIdle?.();
    this.#isWriting = true;
    this.#writeFrom(next, 0);
  }

  #writeFrom(batch: Batch, offset: number): void {
    write(this.#fd, batch.bytes, offset, batch.used - offset, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeFrom(batch, offset), RETRY_MS);
      } else if (!error && offset + written < batch.used) {
        this.#writeFrom(batch, offset + written);
      } else {
        // After any other error nobody reads any more: the lines are lost, the requests are not.
        this.#endBatch(batch);
      }
    });
  }

  #endBatch(batch: Batch): void {
    this.#waiting.shift();
    this.#isWriting = false;
    batch.used = 0;
    if (this.#spare.length < MOST_SPARE_BATCHES && batch.bytes.length === BATCH_BYTES)
      this.#spare.push(batch);
    this.#writeNext();
  }

  /** At the process's end, whatever ended it. */
  #writeRest(): void {
    const batches = this.#isWriting ? this.#waiting.slice(1) : this.#waiting;
    try {
      for (const { bytes, used } of [...batches, this.#batch]) writeSync(this.#fd, bytes, 0, used);
    } catch {
      // There is no one left to tell.
    }
  }
}

interface Batch {
  readonly bytes: Buffer;
  used: number;
}

function newBatch(bytes: number = BATCH_BYTES): Batch {
  return { bytes: Buffer.allocUnsafeSlow(bytes), used: 0 };
}
