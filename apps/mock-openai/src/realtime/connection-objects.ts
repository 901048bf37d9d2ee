import { Shelf } from '../stored/shelf.ts';
import { StoredObjects } from '../stored/stored-objects.ts';
import type { StoredObject } from '../stored/stored-object.ts';

const maxObjects = 1000;
const maxBytes = 64 * 1024 * 1024;

/** A connection's own memory beside its resource's: only the connection knows responses that are not to be stored. */
export class ConnectionObjects extends StoredObjects {
  readonly #kept: StoredObjects;
  readonly #own = new Map<string, Shelf>();

  constructor(kept: StoredObjects) {
    super(kept.seal);
    this.#kept = kept;
  }

  override shelf(name: string): Shelf {
    const known = this.#own.get(name);
    if (known !== undefined) return known;
    const shelf = new ShelfBefore(() => this.#kept.shelf(name));
    this.#own.set(name, shelf);
    return shelf;
  }
}

/** A shelf that falls back on another one. */
class ShelfBefore extends Shelf {
  readonly #behind: () => Shelf;

  constructor(behind: () => Shelf) {
    super(maxObjects, maxBytes);
    this.#behind = behind;
  }

  override of(owner?: string): StoredObject[] {
    return [...this.#behind().of(owner), ...super.of(owner)];
  }

  override get(id: string, owner?: string): StoredObject | undefined {
    return super.get(id, owner) ?? this.#behind().get(id, owner);
  }
}
