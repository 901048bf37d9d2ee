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

/** Answers which collection of stored objects an operation is about. */
export function collectionOf(operation: string): string | undefined {
  return COLLECTIONS.find(
    (collection) =>
      operation.startsWith(collection) &&
      (operation.length === collection.length || operation[collection.length] === '/'),
  );
}
