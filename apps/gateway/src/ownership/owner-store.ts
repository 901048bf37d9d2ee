import { isSeal } from '../body/seal-hash.ts';

/**
 * Remembers which backend has which stored object. A store that instances share has to ask elsewhere, so an answer may
 * take its time; only requests about stored objects wait for it.
 */
export interface OwnerStore {
  /** Returns the name of the backend that has the object, if that is known. */
  ownerOf(id: string): string | undefined | Promise<string | undefined>;
  /** Returns the name of the client that has made the object, if clients are told apart and that is known. */
  clientOf(id: string): string | undefined | Promise<string | undefined>;
  /**
   * Takes note of who has an object. Whoever was known to have it before stays its owner until it is forgotten.
   *
   * @param client the client that it is for
   */
  remember(id: string, owner: string, client?: string): void;
  /** The object is gone, or was not where it was thought to be. */
  forget(id: string): void | Promise<void>;
}

/** How much is remembered, and for how long. */
export interface OwnerBounds {
  readonly maxEntries: number;
  readonly ttlMs: number;
}

interface Entry {
  readonly owner: string;
  readonly client: string | undefined;
  readonly expiresMs: number;
}

/**
 * Owners in the memory of this process. When it is full, the object that nothing was heard of for longest is forgotten.
 * Sealed contents have a memory of their own size: agents make them by the thousand, and must not drive out files.
 */
export class EmbeddedOwners implements OwnerStore {
  #bounds: OwnerBounds;
  readonly #nowMs: () => number;
  /** The order is that in which objects were last heard of. */
  readonly #objects = new Map<string, Entry>();
  readonly #seals = new Map<string, Entry>();

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(bounds: OwnerBounds, nowMs: () => number) {
    this.#bounds = bounds;
    this.#nowMs = nowMs;
  }

  /** Takes other bounds. What is remembered stays for as long as it was to, as far as there is room for it. */
  configure(bounds: OwnerBounds): void {
    this.#bounds = bounds;
    for (const entries of [this.#objects, this.#seals])
      for (const id of [...entries.keys()].slice(0, Math.max(0, entries.size - bounds.maxEntries)))
        entries.delete(id);
  }

  get size(): number {
    return this.#objects.size + this.#seals.size;
  }

  ownerOf(id: string): string | undefined {
    return this.#entry(id)?.owner;
  }

  clientOf(id: string): string | undefined {
    return this.#entry(id)?.client;
  }

  /** A later claim does not win: what answers say of other objects than their own may be a client's word. */
  remember(id: string, owner: string, client?: string): void {
    const known = this.#entry(id);
    const entries = this.#entriesOf(id);
    entries.delete(id);
    const expiresMs = this.#nowMs() + this.#bounds.ttlMs;
    entries.set(id, { owner: known?.owner ?? owner, client: known?.client ?? client, expiresMs });
    if (entries.size <= this.#bounds.maxEntries) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }

  forget(id: string): void {
    this.#entriesOf(id).delete(id);
  }

  #entry(id: string): Entry | undefined {
    const entries = this.#entriesOf(id);
    const entry = entries.get(id);
    if (entry === undefined || entry.expiresMs > this.#nowMs()) return entry;
    entries.delete(id);
    return undefined;
  }

  #entriesOf(id: string): Map<string, Entry> {
    return isSeal(id) ? this.#seals : this.#objects;
  }
}
