import { Seal } from './seal.ts';
import { Shelf } from './shelf.ts';

const maxObjects = 10_000;
const maxBytes = 1024 * 1024 * 1024;

/** Everything that one mock keeps between requests, unknown to other mocks. */
export class StoredObjects {
  /** Seals the content that clients keep for it. */
  readonly seal: Seal;
  readonly #shelves = new Map<string, Shelf>();

  constructor(seal: Seal = new Seal()) {
    this.seal = seal;
  }

  /** Returns the shelf of one kind of objects, such as `files`. */
  shelf(name: string): Shelf {
    const known = this.#shelves.get(name);
    if (known !== undefined) return known;
    const shelf = new Shelf(maxObjects, maxBytes);
    this.#shelves.set(name, shelf);
    return shelf;
  }

  /** Forgets everything; sealed content can still be opened. */
  clear(): void {
    this.#shelves.clear();
  }
}
