/** Something that is remembered for a client, where that is known. */
interface ClientsEntry {
  readonly client: string | undefined;
}

/**
 * Entries of all clients in a memory of one size. When it is full, the client that has the most in it loses the entry that it
 * has heard of least recently: whoever makes objects by the thousand drives out its own, and nobody else's.
 */
export class SharedMemory<Entry extends ClientsEntry> {
  readonly #entries = new Map<string, Entry>();
  /** The ids of each client, in the order in which they were last heard of. */
  readonly #ofClients = new Map<string | undefined, Set<string>>();

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Remembers an entry as the one heard of last. */
  set(id: string, entry: Entry): void {
    this.delete(id);
    this.#entries.set(id, entry);
    const ids = this.#ofClients.get(entry.client);
    if (ids === undefined) this.#ofClients.set(entry.client, new Set([id]));
    else ids.add(id);
  }

  /** Returns whether there was one. */
  delete(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    const ids = this.#ofClients.get(entry.client);
    ids?.delete(id);
    if (ids?.size === 0) this.#ofClients.delete(entry.client);
    return this.#entries.delete(id);
  }

  /** Forgets what is more than there is room for. */
  shrinkTo(maxEntries: number): void {
    while (this.#entries.size > maxEntries) {
      let largest: Set<string> | undefined;
      for (const ids of this.#ofClients.values()) if (ids.size > (largest?.size ?? 0)) largest = ids;
      const [oldest] = largest ?? [];
      if (oldest === undefined) return;
      this.delete(oldest);
    }
  }

  [Symbol.iterator](): IterableIterator<[string, Entry]> {
    return this.#entries[Symbol.iterator]();
  }
}
