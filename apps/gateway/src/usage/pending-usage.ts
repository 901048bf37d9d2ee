/** More than this a gateway does not remember: the oldest are forgotten, and charged to nobody. */
const MAX_PENDING = 100_000;

/** The objects whose creation has told no usage yet, and the clients that have created them. */
export class PendingUsage {
  readonly #creators = new Map<string, string>();

  /** An object's usage will be told by a later answer about it. */
  expect(id: string, client: string): void {
    this.#creators.set(id, client);
    if (this.#creators.size <= MAX_PENDING) return;
    const [oldest = ''] = this.#creators.keys();
    this.#creators.delete(oldest);
  }

  /** Returns the client that is to be charged for an object's usage, the first time that it is told. */
  take(id: string): string | undefined {
    const creator = this.#creators.get(id);
    this.#creators.delete(id);
    return creator;
  }
}
