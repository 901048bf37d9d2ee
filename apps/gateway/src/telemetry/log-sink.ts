import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';

/** Where the bytes of the log go. `done` is called once, with an error if they are lost. */
export interface LogSink {
  write(bytes: Buffer, done: (error?: Error | null) => void): void;
}

/** Until a descriptor that was full is tried again. */
const RETRY_MS = 100;

/**
 * Opens what writes to a descriptor off the event loop. A pipe or a socket is written to without a thread: one that waits
 * for a reader who has stalled could not be ended, and would keep the process from exiting.
 */
export function openLogSink(fd: number): LogSink {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket() ? new StreamSink(fd) : new FileSink(fd);
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

  write(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }
}

class FileSink implements LogSink {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer, done: (error?: Error | null) => void): void {
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.write(bytes, done), RETRY_MS);
      else if (!error && written < bytes.length) this.write(bytes.subarray(written), done);
      else done(error);
    });
  }
}
