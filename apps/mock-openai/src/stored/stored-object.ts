/** An object's JSON. */
export type ObjectBody = Readonly<Record<string, unknown>>;

/** An event of an object's stream. */
export type StoredEvent = ObjectBody & { readonly type: string };

/** Makes an object's state for the next time it is asked for. */
export type Advance = (body: ObjectBody) => ObjectBody;

/** An object that a mock keeps. */
export interface StoredObject {
  readonly id: string;
  /** The object that it belongs to, as a message belongs to its thread; its id is unique only there. */
  readonly owner?: string | undefined;
  /** The object as answered. */
  readonly body: ObjectBody;
  /** A file's content. */
  readonly bytes?: Buffer | undefined;
  /** The input of a response, or the files of a batch of them. */
  readonly inputs?: readonly ObjectBody[] | undefined;
  /** Its future states, one for each time that it is asked for. */
  readonly later?: readonly Advance[] | undefined;
  /** Its events from the beginning, if it was made in the background. */
  readonly events?: (() => Iterable<StoredEvent>) | undefined;
}

/** Returns the time as in OpenAI's objects, in seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
