import { namesDeployment } from '../route/operations.ts';
import { isObjectId, isPathSafe, type Reference, withoutAction } from '../route/stored-objects.ts';

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

/** Returns whether a request is about an object, as far as it says, or may be by a name in its path. */
export function isOfObject(operation: string, content: ReferringContent | undefined): boolean {
  if ((content?.references ?? []).length > 0) return true;
  return !namesDeployment(operation) && namesInPath(operation).length > 0;
}

/**
 * Returns the object in a path of whatever collection; of objects below objects the outermost, which has all others with
 * it. Anything below a collection is an operation unless it has the shape of an id.
 */
export function referenceInPath(operation: string): Reference | undefined {
  const segments = operation.split('/');
  for (const [index, segment] of segments.entries()) {
    if (index === 0) continue;
    const id = withoutAction(decode(segment));
    if (isObjectId(id)) return { id, collection: segments.slice(0, index).join('/') };
  }
  return undefined;
}

/** Returns what in a path may be an id although it does not look like one: it is one if an answer has called an object so. */
export function namesInPath(operation: string): readonly string[] {
  const segments = operation.split('/').slice(1).map(decode);
  return [...new Set(segments.flatMap((one) => [one, withoutAction(one)]))].filter(isPathSafe);
}

/** Returns the id or name of the object that is asked for itself, and not what is below it. */
export function objectAskedFor(operation: string): string | undefined {
  const inPath = referenceInPath(operation);
  if (inPath !== undefined) return operation === `${inPath.collection}/${inPath.id}` ? inPath.id : undefined;
  const names = namesInPath(operation);
  return names.length === 1 ? names[0] : undefined;
}

function decode(segment: string): string {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch {
    return '';
  }
}
