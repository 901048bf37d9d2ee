import { isSeal } from '../body/seal-hash.ts';
import { SharedMemory } from './shared-memory.ts';

/**
 * Remembers which backend has which stored object. A store shared by instances has to ask elsewhere, so a result may
 * take time; only requests about stored objects wait for it.
 */
export interface OwnerStore {
  /** Returns the name of the backend that has the object, if that is known. */
  ownerOf(id: string): string | undefined | Promise<string | undefined>;
  /** Returns the name of the client that created the object, if clients are told apart and it is known. */
  clientOf(id: string): string | undefined | Promise<string | undefined>;
  /**
   * Records the owner of an object. An earlier owner is kept until it is forgotten, or is no backend any more.
   *
   * @param client the client that it is for
   */
  remember(id: string, owner: string, client?: string): void;
  /**
   * Called when the object is gone, or was not where it was thought to be. One whose owner is no backend any more is kept:
   * nobody else can say that it is gone, and only its record tells whose it is.
   */
  forget(id: string): void | Promise<void>;
  /**
   * Returns the store for what is learned from a request; without this method, it is the same one.
   *
   * @param mayMake whether the request may make something, rather than only show it
   */
  forRequest?(mayMake: boolean, operation: string): OwnerStore;
}

/** The limits on the number of remembered objects, and on their time. */
export interface OwnerBounds {
  readonly maxEntries: number;
  readonly ttlMs: number;
}

/** The known facts about an object, for stores elsewhere. */
export interface KnownOwner {
  readonly owner: string;
  readonly client: string | undefined;
  /** How long it will still be remembered. */
  readonly leftMs: number;
}

interface Entry {
  owner: string;
  readonly client: string | undefined;
  readonly expiresMs: number;
  /** The time of expiry that others were last told of. */
  readonly toldMs: number;
}

/** After this share of an object's time has passed, others are told again that it was used; not each time. */
const TOLD_AGAIN = 1 / 30;

/**
 * Owners in the memory of this process. When it is full, the client with the most objects loses its least recently used
 * one. Sealed contents have a separate limit: agents create them by the thousand, and must not evict files.
 */
export class EmbeddedOwners implements OwnerStore {
  #bounds: OwnerBounds;
  readonly #nowMs: () => number;
  readonly #objects = new SharedMemory<Entry>();
  readonly #seals = new SharedMemory<Entry>();
  /** The names of the backends; undefined as long as they are not known. */
  #backends: ReadonlySet<string> | undefined;
  /** Called for each change of an object; with undefined for one that is gone, except through age or lack of room. */
  onChange: ((id: string, known: KnownOwner | undefined) => void) | undefined;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(bounds: OwnerBounds, nowMs: () => number) {
    this.#bounds = bounds;
    this.#nowMs = nowMs;
  }

  /** Tells the names of all backends, from now on. */
  useBackends(names: readonly string[]): void {
    this.#backends = new Set(names);
  }

  /** Applies other limits. Remembered objects keep their time, as far as there is room. */
  configure(bounds: OwnerBounds): void {
    this.#bounds = bounds;
    this.#objects.shrinkTo(bounds.maxEntries);
    this.#seals.shrinkTo(bounds.maxEntries);
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

  /** A later claim does not win: ids of other objects in an answer may come from a client. */
  remember(id: string, owner: string, client?: string): void {
    const known = this.#entry(id);
    const { ttlMs } = this.#bounds;
    const expiresMs = this.#nowMs() + ttlMs;
    const first = known !== undefined && this.#isBackend(known.owner) ? known.owner : owner;
    const isTold = known?.owner === first && (known.client ?? client) === known.client;
    const isRecent = isTold && expiresMs - known.toldMs < ttlMs * TOLD_AGAIN;
    const entry = {
      owner: first,
      client: known?.client ?? client,
      expiresMs,
      toldMs: isRecent ? known.toldMs : expiresMs,
    };
    this.#add(id, entry);
    if (!isRecent) this.onChange?.(id, { ...entry, leftMs: ttlMs });
  }

  /** Returns everything known, and how long it will still be remembered. */
  *known(): Iterable<readonly [id: string, known: KnownOwner]> {
    for (const entries of [this.#objects, this.#seals])
      for (const [id, { owner, client, expiresMs }] of entries) {
        const leftMs = expiresMs - this.#nowMs();
        if (leftMs > 0) yield [id, { owner, client, leftMs }];
      }
  }

  /** Restores an object from before a restart, unless more is already known. */
  restore(id: string, { owner, client, leftMs }: KnownOwner): void {
    if (leftMs <= 0 || this.#entry(id) !== undefined) return;
    // The clock may have been another one.
    const expiresMs = this.#nowMs() + Math.min(leftMs, this.#bounds.ttlMs);
    this.#add(id, { owner, client, expiresMs, toldMs: expiresMs });
  }

  /** Applies the backends' new names: their objects stay theirs. */
  rename(names: ReadonlyMap<string, string>): void {
    if (names.size === 0) return;
    for (const entries of [this.#objects, this.#seals])
      for (const [id, entry] of entries) {
        const name = names.get(entry.owner);
        if (name === undefined) continue;
        entry.owner = name;
        this.onChange?.(id, { ...entry, leftMs: entry.expiresMs - this.#nowMs() });
      }
  }

  forget(id: string): void {
    const known = this.#entry(id);
    if (known !== undefined && !this.#isBackend(known.owner)) return;
    if (this.#entriesOf(id).delete(id)) this.onChange?.(id, undefined);
  }

  #isBackend(name: string): boolean {
    return this.#backends?.has(name) !== false;
  }

  #add(id: string, entry: Entry): void {
    const entries = this.#entriesOf(id);
    entries.set(id, entry);
    entries.shrinkTo(this.#bounds.maxEntries);
  }

  #entry(id: string): Entry | undefined {
    const entries = this.#entriesOf(id);
    const entry = entries.get(id);
    if (entry === undefined || entry.expiresMs > this.#nowMs()) return entry;
    entries.delete(id);
    return undefined;
  }

  #entriesOf(id: string): SharedMemory<Entry> {
    return isSeal(id) ? this.#seals : this.#objects;
  }
}
