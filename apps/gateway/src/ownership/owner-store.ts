/**
 * Remembers which backend has which stored object. A store that instances share has to ask elsewhere, so an answer may
 * take its time; only requests about stored objects wait for it.
 */
export interface OwnerStore {
  /** Answers the name of the backend that has the object, if that is known. */
  ownerOf(id: string): string | undefined | Promise<string | undefined>;
  /** Takes note of who has an object. Whoever was known to have it before stays its owner until it is forgotten. */
  remember(id: string, owner: string): void;
  /** The object is gone, or was not where it was thought to be. */
  forget(id: string): void;
}
