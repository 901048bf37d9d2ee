import { collectionOf } from '../route/collections.ts';
import { referencesInBody } from './body-references.ts';
import { isObjectId } from './object-id.ts';

/** A stored object that a request is about. */
export interface Reference {
  readonly id: string;
  /** Where the object can be asked for: `<collection>/<id>`. There are objects that nobody can be asked for. */
  readonly collection: string | undefined;
}

/** Answers the objects that a request refers to: the one in its path first, then those in its body as they come. */
export function findReferences(operation: string, body: Buffer | undefined): readonly Reference[] {
  const inPath = referenceInPath(operation);
  const inBody = body === undefined ? [] : referencesInBody(body);
  return inPath === undefined ? inBody : [inPath, ...inBody];
}

/** Answers the object in the path; of objects below objects the outermost, which has all others with it. */
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
