const TEXT = 1;
const CONTINUATION = 0;

/** The reader of a session's texts. */
export interface TextReader {
  /** Receives some bytes of a message. */
  write(chunk: Buffer, from: number, to: number): void;
  /** Called at the end of a message. */
  endMessage(): void;
}

/**
 * Finds the texts in a server's bytes on a WebSocket (RFC 6455 §5.2), in chunks that may end anywhere, and stores none
 * of them. A server does not mask its frames. Compressed frames cannot be read, but compression was not requested.
 */
export class SessionFrames {
  /** Whether a part could not be read. */
  isUnreadable = false;
  readonly #reader: TextReader;
  /** The bytes of a frame's head so far, at most ten. */
  readonly #head: number[] = [];
  #remaining = 0;
  #isText = false;
  #isFinal = false;
  #isControl = false;
  #isInFrame = false;

  constructor(reader: TextReader) {
    this.#reader = reader;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.isUnreadable) {
      if (!this.#isInFrame) {
        this.#head.push(chunk[at++] as number);
        this.#readHead();
        continue;
      }
      const end = Math.min(chunk.length, at + this.#remaining);
      if (this.#isText && !this.#isControl) this.#reader.write(chunk, at, end);
      this.#remaining -= end - at;
      at = end;
      this.#endFrame();
    }
  }

  #readHead(): void {
    const [first = 0, second] = this.#head;
    if (second === undefined) return;
    const bytes = second === 127 ? 8 : second === 126 ? 2 : 0;
    if (second > 127 || (first & 0x70) !== 0) this.isUnreadable = true;
    if (this.#head.length < 2 + bytes) return;
    this.#remaining =
      bytes === 0 ? second : this.#head.slice(2).reduce((length, byte) => length * 256 + byte, 0);
    this.#head.length = 0;
    const opcode = first & 0x0f;
    this.#isControl = opcode >= 8;
    this.#isFinal = first >= 128;
    if (!this.#isControl && opcode !== CONTINUATION) this.#isText = opcode === TEXT;
    this.#isInFrame = true;
    this.#endFrame();
  }

  #endFrame(): void {
    if (this.#remaining > 0) return;
    this.#isInFrame = false;
    if (this.#isText && this.#isFinal && !this.#isControl) this.#reader.endMessage();
  }
}
