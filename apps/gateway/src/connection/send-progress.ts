import type { Writable } from 'node:stream';

/** A socket, as far as it tells what has been sent. */
interface Sending extends Writable {
  readonly bytesWritten: number;
}

const MAX_LOOK_EVERY_MS = 1000;

/** Returns how often to ask, for a limit to be kept to a quarter. */
export function lookEveryMs(limitMs: number): number {
  return Math.min(limitMs / 4, MAX_LOOK_EVERY_MS);
}

/** Whether a peer takes what is sent to it. To be asked now and then. */
export class SendProgress {
  readonly #socket: Sending;
  #sentBytes = -1;
  #sinceMs = 0;

  constructor(socket: Sending) {
    this.#socket = socket;
  }

  /** Returns whether something waits to be sent, and nothing has been taken for so long. */
  hasStalled(nowMs: number, limitMs: number): boolean {
    const { writableLength, bytesWritten } = this.#socket;
    const sentBytes = bytesWritten - writableLength;
    if (writableLength > 0 && sentBytes === this.#sentBytes) return nowMs - this.#sinceMs >= limitMs;
    this.#sentBytes = sentBytes;
    this.#sinceMs = nowMs;
    return false;
  }
}
