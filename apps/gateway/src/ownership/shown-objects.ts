import type { OwnerStore } from './owner-store.ts';
import { referenceInPath } from './references.ts';

/**
 * The stored objects in the sight of one request of a client that reaches all of them. What is learned of another
 * client's object, such as the output of its batch, is that client's.
 */
export class ShownObjects implements OwnerStore {
  readonly #objects: OwnerStore;
  readonly #store: OwnerStore;
  readonly #maker: string | undefined;
  readonly #within: string | undefined;

  /**
   * @param objects as the client sees them
   * @param store all objects
   * @param maker the client that new objects are for; undefined if the request makes none
   */
  constructor(objects: OwnerStore, store: OwnerStore, maker: string | undefined, operation: string) {
    this.#objects = objects;
    this.#store = store;
    this.#maker = maker;
    this.#within = referenceInPath(operation)?.id;
  }

  ownerOf(id: string): ReturnType<OwnerStore['ownerOf']> {
    return this.#objects.ownerOf(id);
  }

  clientOf(id: string): ReturnType<OwnerStore['clientOf']> {
    return this.#objects.clientOf(id);
  }

  remember(id: string, owner: string): void {
    void this.#findClient().then((client) => this.#store.remember(id, owner, client));
  }

  forget(id: string): ReturnType<OwnerStore['forget']> {
    return this.#objects.forget(id);
  }

  async #findClient(): Promise<string | undefined> {
    const within = this.#within === undefined ? undefined : await this.#store.clientOf(this.#within);
    return within ?? this.#maker;
  }
}
