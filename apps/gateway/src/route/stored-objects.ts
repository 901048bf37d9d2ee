/** A stored object that a request is about. */
export interface Reference {
  readonly id: string;
  /** Where the object can be asked for: `<collection>/<id>`. Some objects cannot be asked for. */
  readonly collection: string | undefined;
}

/**
 * Where stored objects have their ids in a path: `<collection>/<id>`, whatever follows. An object below another, such as
 * a run of a thread, is with the backend that has the one above it.
 */
const COLLECTIONS: readonly string[] = [
  'responses',
  'files',
  'batches',
  'threads',
  'assistants',
  'vector_stores',
  'fine_tuning/jobs',
  'conversations',
  'evals',
  'uploads',
  'containers',
  // Only what comes after it is stored: the operation itself is every chat completion.
  'chat/completions',
];

/** Returns which collection of stored objects an operation is about. */
export function collectionOf(operation: string): string | undefined {
  return COLLECTIONS.find(
    (collection) =>
      operation.startsWith(collection) &&
      (operation.length === collection.length || operation[collection.length] === '/'),
  );
}

/** Azure's ids are shorter, and made of these; an id becomes part of a path, so it may be nothing that means another. */
const OBJECT_ID = /^\w[\w.:-]{0,255}$/;

/** The longest id that is taken for one. */
export const LONGEST_ID = 256;

/** Returns whether a text can be the id of a stored object. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}
