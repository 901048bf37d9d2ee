import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';

/** Called once. If bytes are lost, it gets an error and the number of bytes written before it. */
export type Written = (error?: Error | null, writtenBytes?: number) => void;

/** The destination of the log's bytes. */
export interface LogSink {
  write(bytes: Buffer, done: Written): void;
}

/**
 * The time until a full descriptor is tried again; it doubles each time that it is still full. A terminal holds 4 KB.
 */
const MIN_RETRY_MS = 1;
const MAX_RETRY_MS = 128;

/**
 * Opens a sink that writes to a descriptor off the event loop, and without a thread that waits for a stalled reader:
 * such a thread cannot be stopped, and Node waits for it at exit.
 */
export function openLogSink(fd: number): LogSink {
  const stat = fstatSync(fd);
  if (stat.isFIFO() || stat.isSocket()) return new StreamSink(fd);
  return new FileSink(stat.isCharacterDevice() ? reopenTerminal(fd) : fd);
}

/** A stopped terminal (Ctrl-S) is then full instead of blocking the writer. */
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
    // The reader has gone: each later write reports it.
    this.#socket.on('error', () => {});
    // A stalled reader must not keep the process alive.
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
