import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Lines are written together once they fill a batch, or after the interval. */
const BATCH_BYTES = 65_536;
const WRITE_EVERY_MS = 250;
/** With a reader that stalls, lines are dropped rather than memory filled. */
const MOST_WAITING_BATCHES = 256;
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
  #batch = Buffer.allocUnsafe(BATCH_BYTES);
  #bytes = 0;
  #waiting: Buffer[] = [];
  #isWriting = false;
  #onIdle: (() => void) | undefined;

  constructor(fd: number) {
    this.#fd = fd;
    setInterval(() => this.#writeAll(), WRITE_EVERY_MS).unref();
    process.once('exit', () => this.#writeRest());
  }

  write(line: string): void {
    if (this.#bytes + line.length * MOST_BYTES_PER_UNIT > BATCH_BYTES) {
      this.#closeBatch();
      this.#writeNext();
    }
    if (line.length * MOST_BYTES_PER_UNIT > BATCH_BYTES) this.#enqueue(Buffer.from(line));
    else this.#bytes += this.#batch.write(line, this.#bytes);
  }

  /** Resolves when every line so far has been written. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#writeAll();
    });
  }

  #writeAll(): void {
    this.#closeBatch();
    this.#writeNext();
  }

  #closeBatch(): void {
    if (this.#bytes === 0) return;
    this.#enqueue(this.#batch.subarray(0, this.#bytes));
    this.#batch = Buffer.allocUnsafe(BATCH_BYTES);
    this.#bytes = 0;
  }

  #enqueue(batch: Buffer): void {
    if (this.#waiting.length < MOST_WAITING_BATCHES) this.#waiting.push(batch);
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const next = this.#waiting.shift();
    if (next === undefined) return this.#onIdle?.();
    this.#isWriting = true;
    this.#writeBytes(next);
  }

  #writeBytes(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeBytes(bytes), RETRY_MS);
      } else if (!error && written < bytes.length) {
        this.#writeBytes(bytes.subarray(written));
      } else {
        // After any other error nobody reads any more: the lines are lost, the requests are not.
        this.#isWriting = false;
        this.#writeNext();
      }
    });
  }

  /** At the process's end, whatever ended it. */
  #writeRest(): void {
    this.#closeBatch();
    try {
      for (const batch of this.#waiting) writeSync(this.#fd, batch);
    } catch {
      // There is no one left to tell.
    }
  }
}
