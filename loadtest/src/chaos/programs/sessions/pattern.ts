import { hashText } from '../../chance.ts';

/** A close frame of a WebSocket server with the status 1000. Its first byte is in no pattern. */
export const CLOSE_FRAME = Buffer.from([0x88, 0x02, 0x03, 0xe8]);

const PERIOD = 127;
const MAX_BYTES = 2_097_152;

/** Each byte encodes its position, up to the period. */
const cycle = Buffer.from(Array.from({ length: MAX_BYTES + PERIOD }, (_, i) => (i * 7) % PERIOD));

/** The bytes that one side of a session sends: they depend on the marker and on how many came before. */
export class Pattern {
  bytes = 0;
  readonly #offset: number;

  /** @param side the side that sends them */
  constructor(marker: string, side: 'client' | 'backend') {
    this.#offset = hashText(`${side} ${marker}`) % PERIOD;
  }

  /** Returns the next bytes, this many. */
  next(count: number): Buffer {
    const start = (this.#offset + this.bytes) % PERIOD;
    this.bytes += count;
    return cycle.subarray(start, start + count);
  }
}

/** Checks the bytes that the other side receives: the pattern, then at most one close frame, and nothing else. */
export class PatternReader {
  isRight = true;
  /** How much of the close frame has come. */
  frameBytes = 0;
  readonly #pattern: Pattern;

  constructor(marker: string, side: 'client' | 'backend') {
    this.#pattern = new Pattern(marker, side);
  }

  /** How many bytes of the pattern have come. */
  get bytes(): number {
    return this.#pattern.bytes;
  }

  push(chunk: Buffer): void {
    const found = this.frameBytes > 0 ? 0 : chunk.indexOf(CLOSE_FRAME[0] ?? 0);
    const data = found === -1 ? chunk : chunk.subarray(0, found);
    const frame = chunk.subarray(data.length);
    const expected = CLOSE_FRAME.subarray(this.frameBytes, this.frameBytes + frame.length);
    this.isRight &&= this.#pattern.next(data.length).equals(data) && expected.equals(frame);
    this.frameBytes += frame.length;
  }
}
