/** An entry of a client, where the client is known. */
interface ClientsEntry {
  readonly client: string | undefined;
}

/**
 * Entries of all clients, limited in number. When it is full, the client with the most entries loses its least recently
 * used one. A client that creates objects by the thousand thus evicts only its own.
 */
export class SharedMemory<Entry extends ClientsEntry> {
  readonly #entries = new Map<string, Entry>();
  /** The ids of each client, the least recently used first. */
  readonly #ofClients = new Map<string | undefined, Set<string>>();

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Remembers an entry as the most recently used. */
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

  /** Forgets the entries beyond a number. */
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
