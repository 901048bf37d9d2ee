/** Beyond the limit, bodies up to this size are still kept, as they have to be inspected. */
export const ALWAYS_KEPT_BYTES = 65_536;
/** At this multiple of the limit not even those are kept. */
const HARD_LIMIT = 2;

/** The bytes kept for all requests together. */
export class KeptBytes {
  /** In bytes. */
  readonly limit: number;
  #total = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  /** Whether bodies that can pass through without being kept must do so. */
  get isOverLimit(): boolean {
    return this.#total > this.limit;
  }

  /** Whether nothing more may be kept at all. */
  get isFarOverLimit(): boolean {
    return this.#total > this.limit * HARD_LIMIT;
  }

  /** Changes the number of kept bytes. */
  add(bytes: number): void {
    this.#total += bytes;
  }
}

/** One holder's share of all kept bytes. */
export class KeptShare {
  readonly #kept: Pick<KeptBytes, 'add'>;
  #bytes = 0;

  constructor(kept: Pick<KeptBytes, 'add'>) {
    this.#kept = kept;
  }

  /** Sets the number of bytes that the holder keeps. */
  set(bytes: number): void {
    this.#kept.add(bytes - this.#bytes);
    this.#bytes = bytes;
  }
}
