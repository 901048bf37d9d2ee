import { collectionOf, isObjectId, type Reference } from '../route/stored-objects.ts';

/** The ids in the body of a request. */
interface ReferringContent {
  readonly references: readonly Reference[];
}

/** Returns the objects that a request refers to: the one in its path first, then those in its body as they come. */
export function findReferences(
  operation: string,
  content: ReferringContent | undefined,
): readonly Reference[] {
  const inPath = referenceInPath(operation);
  const inBody = content?.references ?? [];
  return inPath === undefined ? inBody : [inPath, ...inBody];
}

/** Returns the object in the path; of objects below objects the outermost, which has all others with it. */
export function referenceInPath(operation: string): Reference | undefined {
  const collection = collectionOf(operation);
  if (collection === undefined) return undefined;
  const id = decode(operation.slice(collection.length + 1).split('/', 1)[0] ?? '');
  // `threads/runs` makes a thread and a run of it.
  if (!isObjectId(id) || (collection === 'threads' && id === 'runs')) return undefined;
  return { id, collection };
}

function decode(segment: string): string {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch {
    return '';
  }
}
