/** How a session ended. */
export type SessionEnding =
  | 'complete'
  /** The backend broke off without a close frame. */
  | 'interrupted'
  /** The client left without waiting for one. */
  | 'abandoned';

/** The facts about a session that can be seen without parsing its frames. */
export class SessionWatch {
  ending: SessionEnding | undefined;
  /** Whether a rule of the gateway ended it, rather than a failure. */
  isByRule = false;
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

  /** One side has ended. Anything the other does then is irrelevant. */
  end(ending: SessionEnding): void {
    this.ending ??= endsWithCloseFrame(this.#tail) ? 'complete' : ending;
  }
}

/** The longest close frame of a server, its head included (RFC 6455 §5.5: at most 125 bytes follow). */
const LONGEST_CLOSE_FRAME = 127;

const FINAL_CLOSE = 0x88;

/**
 * Returns whether a server's last bytes are a close frame, which ends its session cleanly. Frames are not parsed for
 * this: of other last bytes one in 500 looks like it, at random.
 */
export function endsWithCloseFrame(tail: Buffer): boolean {
  for (let start = Math.max(0, tail.length - LONGEST_CLOSE_FRAME); start + 2 <= tail.length; start++) {
    if (tail[start] === FINAL_CLOSE && tail[start + 1] === tail.length - start - 2) return true;
  }
  return false;
}
