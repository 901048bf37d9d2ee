import type { StoredObject } from './stored-object.ts';

/** The objects of one kind; if there are too many, or they are too big, the oldest are dropped. */
export class Shelf {
  readonly #objects = new Map<string, { readonly object: StoredObject; readonly bytes: number }>();
  readonly #limit: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(limit: number, maxBytes: number) {
    this.#limit = limit;
    this.#maxBytes = maxBytes;
  }

  /** The objects of an owner, or of none, oldest first. */
  of(owner?: string): StoredObject[] {
    const all = Array.from(this.#objects.values(), ({ object }) => object);
    return all.filter((object) => object.owner === owner);
  }

  get(id: string, owner?: string): StoredObject | undefined {
    return this.#objects.get(keyOf(id, owner))?.object;
  }

  /** Adds an object, or replaces its earlier version. */
  put(object: StoredObject): void {
    const key = keyOf(object.id, object.owner);
    const bytes = sizeOf(object);
    this.#bytes += bytes - (this.#objects.get(key)?.bytes ?? 0);
    this.#objects.set(key, { object, bytes });
    while (this.#objects.size > this.#limit || (this.#bytes > this.#maxBytes && this.#objects.size > 1)) {
      const [oldest] = this.#objects.keys();
      if (oldest === undefined) return;
      this.#drop(oldest);
    }
  }

  delete(id: string, owner?: string): void {
    this.#drop(keyOf(id, owner));
  }

  #drop(key: string): void {
    this.#bytes -= this.#objects.get(key)?.bytes ?? 0;
    this.#objects.delete(key);
  }
}

function keyOf(id: string, owner: string | undefined): string {
  return owner === undefined ? id : `${owner}/${id}`;
}

function sizeOf({ body, bytes, inputs }: StoredObject): number {
  const inputSize = inputs === undefined ? 0 : JSON.stringify(inputs).length;
  return JSON.stringify(body).length + inputSize + (bytes?.length ?? 0);
}
