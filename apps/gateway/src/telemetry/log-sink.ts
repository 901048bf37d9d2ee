import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';

/** Called once, with an error if bytes are lost, and then with how many were written before it. */
export type Written = (error?: Error | null, writtenBytes?: number) => void;

/** Where the bytes of the log go. */
export interface LogSink {
  write(bytes: Buffer, done: Written): void;
}

/** Until a descriptor that was full is tried again: twice as long each time that it still is. A terminal holds 4 KB. */
const MIN_RETRY_MS = 1;
const MAX_RETRY_MS = 128;

/**
 * Opens what writes to a descriptor off the event loop, and without a thread that waits for a reader who has stalled: it
 * could not be ended, and Node waits for it at its exit.
 */
export function openLogSink(fd: number): LogSink {
  const stat = fstatSync(fd);
  if (stat.isFIFO() || stat.isSocket()) return new StreamSink(fd);
  return new FileSink(stat.isCharacterDevice() ? reopenTerminal(fd) : fd);
}

/** A terminal that is stopped (Ctrl-S) is then full instead of making whoever writes to it wait. */
function reopenTerminal(fd: number): number {
  try {
    return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}

class StreamSink implements LogSink {
  readonly #socket: Socket;

  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: false, writable: true });
    // Whoever reads has gone: each write that follows says so.
    this.#socket.on('error', () => {});
    // A reader that stalls must not keep the process alive.
    this.#socket.unref();
  }

  write(bytes: Buffer, done: Written): void {
    this.#socket.write(bytes, done);
  }
}

class FileSink implements LogSink {
  readonly #fd: number;
  #retryMs = MIN_RETRY_MS;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer, done: Written): void {
    this.#writeFrom(0, bytes, done);
  }

  #writeFrom(start: number, bytes: Buffer, done: Written): void {
    write(this.#fd, bytes, start, bytes.length - start, null, (error, written) => {
      if (error?.code === 'EAGAIN') return this.#retry(start, bytes, done);
      this.#retryMs = MIN_RETRY_MS;
      if (error) done(error, start);
      else if (start + written < bytes.length) this.#writeFrom(start + written, bytes, done);
      else done();
    });
  }

  #retry(start: number, bytes: Buffer, done: Written): void {
    setTimeout(() => this.#writeFrom(start, bytes, done), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }
}
