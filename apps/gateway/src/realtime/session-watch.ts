import { endsWithCloseFrame, LONGEST_CLOSE_FRAME } from './close-frame.ts';

/** How a session ended. */
export type SessionEnding =
  | 'complete'
  /** The backend broke off without a close frame. */
  | 'interrupted'
  /** The client left without waiting for one. */
  | 'abandoned';

/** What can be said of a session without following its frames. */
export class SessionWatch {
  ending: SessionEnding | undefined;
  bytesFromClient = 0;
  bytesToClient = 0;
  #tail: Buffer = Buffer.alloc(0);

  seeFromClient(chunk: Buffer): void {
    this.bytesFromClient += chunk.length;
  }

  seeFromBackend(chunk: Buffer): void {
    this.bytesToClient += chunk.length;
    const tail = chunk.length < LONGEST_CLOSE_FRAME ? Buffer.concat([this.#tail, chunk]) : chunk;
    this.#tail = tail.subarray(-LONGEST_CLOSE_FRAME);
  }

  /** One side has ended. Whatever the other does then is no news. */
  end(ending: SessionEnding): void {
    this.ending ??= endsWithCloseFrame(this.#tail) ? 'complete' : ending;
  }
}
