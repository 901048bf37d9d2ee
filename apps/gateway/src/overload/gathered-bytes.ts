/** The least room for a second chunk. */
const MIN_ROOM_BYTES = 1024;

/**
 * Bytes that come in chunks and are kept in one piece: even the smallest chunk costs as much as a hundred bytes. A
 * single chunk is kept as it came.
 */
export class GatheredBytes {
  /** The number of bytes. */
  length = 0;
  readonly #maxBytes: number;
  #whole: Buffer | undefined;

  /** @param maxBytes the highest expected number of bytes */
  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes;
  }

  /** The memory they take, in bytes. */
  get size(): number {
    return this.#whole?.length ?? 0;
  }

  /** @param isTight whether to make room for this chunk only, as memory is short */
  push(chunk: Buffer, isTight = false): void {
    const place = this.length;
    this.length += chunk.length;
    if (place === 0) {
      this.#whole = chunk;
      return;
    }
    const whole = this.#roomFor(this.length, place, isTight);
    chunk.copy(whole, place);
  }

  /** All bytes; undefined if there are none. */
  get bytes(): Buffer | undefined {
    const whole = this.#whole;
    return whole === undefined || whole.length === this.length ? whole : whole.subarray(0, this.length);
  }

  /** Returns all bytes and forgets them; undefined if there are none. */
  take(): Buffer | undefined {
    const whole = this.bytes;
    this.#whole = undefined;
    this.length = 0;
    return whole;
  }

  #roomFor(bytes: number, place: number, isTight: boolean): Buffer {
    const old = this.#whole as Buffer;
    if (old.length >= bytes) return old;
    const roomBytes = isTight ? bytes : Math.min(bytes * 2, this.#maxBytes);
    const whole = Buffer.allocUnsafeSlow(Math.max(bytes, roomBytes, MIN_ROOM_BYTES));
    old.copy(whole, 0, 0, place);
    this.#whole = whole;
    return whole;
  }
}
