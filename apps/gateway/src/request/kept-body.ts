/** How much is kept of all requests' bodies together. */
export interface BodyBudget {
  readonly isOverLimit: boolean;
  readonly isFarOverLimit: boolean;
  add(bytes: number): void;
}

/** A longer body is gathered in one piece: many small ones would take their time to go, and as much memory again. */
const PIECES_BYTES = 262_144;

/** A body as it arrives, or its beginning, and what it takes of the memory for all bodies. */
export class KeptBody {
  /** How much has arrived. */
  bytes = 0;
  readonly #budget: BodyBudget;
  readonly #declaredBytes: number;
  readonly #pieces: Buffer[] = [];
  #whole: Buffer | undefined;
  #countedBytes = 0;

  /** @param contentLength the header; without one there may be any number of bytes */
  constructor(budget: BodyBudget, contentLength: string | undefined) {
    this.#budget = budget;
    this.#declaredBytes = Number(contentLength ?? Number.POSITIVE_INFINITY);
  }

  push(chunk: Buffer): void {
    const place = this.bytes;
    this.bytes += chunk.length;
    if (this.bytes <= PIECES_BYTES) {
      this.#pieces.push(chunk);
      this.#count(this.bytes);
      return;
    }
    const whole = this.#wholeFor(this.bytes, place);
    chunk.copy(whole, place);
  }

  /** Answers all that has arrived in one piece, or undefined if that is nothing. */
  take(): Buffer | undefined {
    const pieces = this.#pieces;
    const body =
      this.#whole?.subarray(0, this.bytes) ?? (pieces.length > 1 ? Buffer.concat(pieces) : pieces[0]);
    pieces.length = 0;
    this.#whole = undefined;
    return body;
  }

  /** It is kept no longer. Calling it again does nothing. */
  release(): void {
    this.#count(0);
    this.#pieces.length = 0;
    this.#whole = undefined;
  }

  /** Answers a piece that is large enough, with the bytes before `place` in it. */
  #wholeFor(bytes: number, place: number): Buffer {
    const old = this.#whole;
    if (old !== undefined && old.length >= bytes) return old;
    const whole = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(bytes * 2, this.#declaredBytes)));
    if (old === undefined) Buffer.concat(this.#pieces, place).copy(whole);
    else old.copy(whole, 0, 0, place);
    this.#pieces.length = 0;
    this.#whole = whole;
    this.#count(whole.length);
    return whole;
  }

  #count(bytes: number): void {
    this.#budget.add(bytes - this.#countedBytes);
    this.#countedBytes = bytes;
  }
}
