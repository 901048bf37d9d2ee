/** An object's JSON. */
export type ObjectBody = Readonly<Record<string, unknown>>;

/** Makes what an object becomes the next time it is asked for. */
export type Advance = (body: ObjectBody) => ObjectBody;

/** An object that a mock keeps. */
export interface StoredObject {
  readonly id: string;
  /** The object that it belongs to, as a message does to its thread; its id is unique only there. */
  readonly owner?: string | undefined;
  /** As it is answered. */
  readonly body: ObjectBody;
  /** A file's content. */
  readonly bytes?: Buffer | undefined;
  /** What a response was asked, and the files of a batch of them. */
  readonly inputs?: readonly ObjectBody[] | undefined;
  /** What becomes of it, one step each time that it is asked for. */
  readonly later?: readonly Advance[] | undefined;
}

/** Tells the time as OpenAI's objects do, in seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
