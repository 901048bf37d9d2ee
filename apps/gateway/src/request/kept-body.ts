import { GatheredBytes } from '../overload/gathered-bytes.ts';
import { KeptShare } from '../overload/kept-bytes.ts';

/** How much is kept of all requests' bodies together. */
export interface BodyBudget {
  readonly isOverLimit: boolean;
  readonly isFarOverLimit: boolean;
  add(bytes: number): void;
}

/** A body as it arrives, or its beginning, and what it takes of the memory for all bodies. */
export class KeptBody {
  /** How much has arrived. */
  bytes = 0;
  readonly #budget: BodyBudget;
  readonly #share: KeptShare;
  readonly #gathered: GatheredBytes;

  /** @param contentLength the header; without one there may be any number of bytes */
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

  /** Returns all that has arrived in one piece, or undefined if that is nothing. It goes on to count. */
  take(): Buffer | undefined {
    return this.#gathered.take();
  }

  /** Something else of the same request is kept too. */
  keepMore(bytes: number): void {
    this.#share.set(this.bytes + bytes);
  }

  /** It is kept no longer. Calling it again does nothing. */
  release(): void {
    this.#share.set(0);
    this.#gathered.take();
  }
}
