import { isSeal } from '../body/seal-hash.ts';
import { SharedMemory } from './shared-memory.ts';

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

/** What is known of an object, for whoever keeps it elsewhere. */
export interface KnownOwner {
  readonly owner: string;
  readonly client: string | undefined;
  /** For how long it will be remembered from now on. */
  readonly leftMs: number;
}

interface Entry {
  owner: string;
  readonly client: string | undefined;
  readonly expiresMs: number;
  /** When it was to be forgotten, as far as others were told. */
  readonly toldMs: number;
}

/** Others are told again that an object was heard of when this share of its time is over, not each time. */
const TOLD_AGAIN = 1 / 30;

/**
 * Owners in the memory of this process. When it is full, the object that nothing was heard of for longest is forgotten, of
 * those of the client that has the most.
 * Sealed contents have a memory of their own size: agents make them by the thousand, and must not drive out files.
 */
export class EmbeddedOwners implements OwnerStore {
  #bounds: OwnerBounds;
  readonly #nowMs: () => number;
  readonly #objects = new SharedMemory<Entry>();
  readonly #seals = new SharedMemory<Entry>();
  /** Told what is new of an object; nothing for one that is gone, unless by age or number. */
  onChange: ((id: string, known: KnownOwner | undefined) => void) | undefined;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(bounds: OwnerBounds, nowMs: () => number) {
    this.#bounds = bounds;
    this.#nowMs = nowMs;
  }

  /** Takes other bounds. What is remembered stays for as long as it was to, as far as there is room for it. */
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

  /** A later claim does not win: what answers say of other objects than their own may be a client's word. */
  remember(id: string, owner: string, client?: string): void {
    const known = this.#entry(id);
    const { ttlMs } = this.#bounds;
    const expiresMs = this.#nowMs() + ttlMs;
    const isTold = known !== undefined && (known.client ?? client) === known.client;
    const isRecent = isTold && expiresMs - known.toldMs < ttlMs * TOLD_AGAIN;
    const entry = {
      owner: known?.owner ?? owner,
      client: known?.client ?? client,
      expiresMs,
      toldMs: isRecent ? known.toldMs : expiresMs,
    };
    this.#add(id, entry);
    if (!isRecent) this.onChange?.(id, { ...entry, leftMs: ttlMs });
  }

  /** Returns everything that is known, and for how long still. */
  *known(): Iterable<readonly [id: string, known: KnownOwner]> {
    for (const entries of [this.#objects, this.#seals])
      for (const [id, { owner, client, expiresMs }] of entries) {
        const leftMs = expiresMs - this.#nowMs();
        if (leftMs > 0) yield [id, { owner, client, leftMs }];
      }
  }

  /** Takes over what was known before a restart, unless more is known already. */
  restore(id: string, { owner, client, leftMs }: KnownOwner): void {
    if (leftMs <= 0 || this.#entry(id) !== undefined) return;
    // The clock may have been another.
    const expiresMs = this.#nowMs() + Math.min(leftMs, this.#bounds.ttlMs);
    this.#add(id, { owner, client, expiresMs, toldMs: expiresMs });
  }

  /** Backends have other names now: what they have stays theirs. */
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
    if (this.#entriesOf(id).delete(id)) this.onChange?.(id, undefined);
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
