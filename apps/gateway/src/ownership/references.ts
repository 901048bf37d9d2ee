import { isApiWord } from '../route/clean-path.ts';
import { namesDeployment } from '../route/operations.ts';
import { isObjectId, isPathSafe, type Reference, withoutAction } from '../route/stored-objects.ts';

/** The ids in the body of a request. */
interface ReferringContent {
  readonly references: readonly Reference[];
}

/** Returns the objects that a request refers to: the one in its path first, then those in its body in their order. */
export function findReferences(
  operation: string,
  content: ReferringContent | undefined,
): readonly Reference[] {
  const inPath = referenceInPath(operation);
  const inBody = content?.references ?? [];
  return inPath === undefined ? inBody : [inPath, ...inBody];
}

/** Returns whether a request concerns an object, as far as it shows, or may do so by a name in its path. */
export function isOfObject(operation: string, content: ReferringContent | undefined): boolean {
  if ((content?.references ?? []).length > 0) return true;
  return !namesDeployment(operation) && namesInPath(operation).length > 0;
}

/**
 * Returns the object in a path of any collection. Of nested objects it is the outermost, at whose backend all the
 * others are. Anything below a collection is an operation unless it has the form of an id.
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

/**
 * Returns names in a path that may be ids although they do not look like one: they are if an answer has used them as
 * such.
 */
export function namesInPath(operation: string): readonly string[] {
  const segments = withoutWords(operation, operation.split('/').slice(1).map(decode));
  return [...new Set(segments.flatMap((one) => [one, withoutAction(one)]))].filter(isPathSafe);
}

/** Collections of projects whose objects are referred to by name. */
const NAMED = /^(?:agents|memory_stores)(?:\/|$)/;
/** A project's own API, in which clients name objects of all kinds. */
const OF_PROJECT = /^\/api\/projects\/[^/]+\/(?!openai\/)/;

/** Returns the name of an agent or a memory that a path leads to, or to something of it. */
export function nameInPath(operation: string): string | undefined {
  return NAMED.test(operation) ? namesInPath(operation)[0] : undefined;
}

/**
 * Returns the segments below a collection that may be an id or a name: somebody's agent may be called like an operation,
 * which is still open to everybody.
 */
export function withoutWords(operation: string, segments: readonly string[]): readonly string[] {
  return segments.filter((one, index) => !isApiWord(one) || (index === 0 && NAMED.test(operation)));
}

/** Returns whether the answer of an operation describes objects that are known by their names. */
export function describesNamed(operation: string): boolean {
  return DESCRIBES_NAMED.test(operation);
}

const DESCRIBES_NAMED = /^(?:agents|memory_stores)(?:\/[^/]+(?:\/versions(?:\/[^/]+)?)?)?$/;

/** Returns whether a name that a client has chosen looks like an id that a service has made up. */
export function isLikeMadeUp(name: string): boolean {
  return MADE_UP.test(name);
}

const MADE_UP =
  /^(?=.*\d)(?:[a-z]+[-_][a-z\d]{16,}|(?:[a-z]+[-_])?[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

/** Returns the name in a path of an object that its client has named, which need not look like an id. */
export function namedObject({
  path,
  operation,
}: {
  readonly path: string;
  readonly operation: string;
}): string | undefined {
  return NAMED.test(operation) || OF_PROJECT.test(path) ? namesInPath(operation)[0] : undefined;
}

/** Returns the id or name of the object that is requested itself, not something below it. */
export function objectAskedFor(operation: string): string | undefined {
  const inPath = referenceInPath(operation);
  if (inPath !== undefined) return operation === `${inPath.collection}/${inPath.id}` ? inPath.id : undefined;
  const [name, ...others] = namesInPath(operation);
  const last = decode(operation.slice(operation.lastIndexOf('/') + 1));
  return others.length === 0 && name === last ? name : undefined;
}

function decode(segment: string): string {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch {
    return '';
  }
}
