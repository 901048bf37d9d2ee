/** Beyond the limit, bodies are kept as they are up to here, as they have to be looked into. */
export const ALWAYS_KEPT_BYTES = 65_536;
/** So many times the limit is too much even for those. */
const HARD_LIMIT = 2;

/** How much is kept of all requests together. */
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

  /** Whether bodies that may pass through without being kept must. */
  get isOverLimit(): boolean {
    return this.#total > this.limit;
  }

  /** Whether nothing more may be kept at all. */
  get isFarOverLimit(): boolean {
    return this.#total > this.limit * HARD_LIMIT;
  }

  /** More is kept, or less, by a number of bytes. */
  add(bytes: number): void {
    this.#total += bytes;
  }
}

/** What one holder has of all that is kept. */
export class KeptShare {
  readonly #kept: Pick<KeptBytes, 'add'>;
  #bytes = 0;

  constructor(kept: Pick<KeptBytes, 'add'>) {
    this.#kept = kept;
  }

  /** The holder now keeps so many bytes. */
  set(bytes: number): void {
    this.#kept.add(bytes - this.#bytes);
    this.#bytes = bytes;
  }
}
