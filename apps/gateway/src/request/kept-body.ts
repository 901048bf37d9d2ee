import { GatheredBytes } from '../overload/gathered-bytes.ts';
import { KeptShare } from '../overload/kept-bytes.ts';

/** The limit on the kept bodies of all requests together. */
export interface BodyBudget {
  readonly isOverLimit: boolean;
  readonly isFarOverLimit: boolean;
  add(bytes: number): void;
}

/** A body as it arrives, or its beginning, and its share of the memory for all bodies. */
export class KeptBody {
  /** The number of bytes so far. */
  bytes = 0;
  readonly #budget: BodyBudget;
  readonly #share: KeptShare;
  readonly #gathered: GatheredBytes;

  /** @param contentLength the header; without it there may be any number of bytes */
  constructor(budget: BodyBudget, contentLength: string | undefined) {
    this.#budget = budget;
    this.#share = new KeptShare(budget);
    this.#gathered = new GatheredBytes(contentLength === undefined ? undefined : Number(contentLength));
  }

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#gathered.push(chunk, this.#budget.isOverLimit);
    this.#share.set(this.#gathered.size);
  }

  /** Returns all bytes so far in one piece, or undefined if there are none. They still count as kept. */
  take(): Buffer | undefined {
    return this.#gathered.take();
  }

  /** Sets how many bytes are kept for the request besides its body as received: of an unpacked or edited copy. */
  keepBesides(bytes: number): void {
    this.#share.set(this.bytes + bytes);
  }

  /** Ends the keeping. Calling it again does nothing. */
  release(): void {
    this.#share.set(0);
    this.#gathered.take();
  }
}
