import type { Writable } from 'node:stream';

/** The parts of a socket that show how much was sent. */
interface Sending extends Writable {
  readonly bytesWritten: number;
}

const MAX_LOOK_EVERY_MS = 1000;

/** Returns how often to check, so that a limit is kept to within a quarter. */
export function lookEveryMs(limitMs: number): number {
  return Math.min(limitMs / 4, MAX_LOOK_EVERY_MS);
}

/** Tells whether a peer takes the bytes sent to it. To be asked periodically. */
export class SendProgress {
  readonly #socket: Sending;
  #sentBytes = -1;
  #sinceMs = 0;

  constructor(socket: Sending) {
    this.#socket = socket;
  }

  /** Returns whether bytes wait to be sent, and none has been taken for this long. */
  hasStalled(nowMs: number, limitMs: number): boolean {
    const { writableLength, bytesWritten } = this.#socket;
    const sentBytes = bytesWritten - writableLength;
    if (writableLength > 0 && sentBytes === this.#sentBytes) return nowMs - this.#sinceMs >= limitMs;
    this.#sentBytes = sentBytes;
    this.#sinceMs = nowMs;
    return false;
  }
}
