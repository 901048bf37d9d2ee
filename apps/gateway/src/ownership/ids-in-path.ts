import { percentDecoded } from '../body/percent-decoded.ts';
import { searchOf } from '../route/clean-path.ts';
import { withoutWords } from './references.ts';

/**
 * Returns possible ids in a path. Some front ends take a backslash or an escaped slash for a slash; with one, everything
 * behind the first segment counts as an id, whatever it looks like here.
 */
export function segmentsOf(operation: string): readonly string[] {
  const plain = operation.split('/').map(percentDecoded);
  const [, ...segments] = plain.flatMap((segment) => segment.split(/[/\\]/));
  return segments.length < plain.length ? withoutWords(operation, segments) : segments;
}

/** Query parameters that name objects: those next to a page of a list, and the call of a session. */
const IN_QUERY: ReadonlySet<string> = new Set(['after', 'before', 'after_id', 'before_id', 'call_id']);

/** Returns the ids in the query parameters that name objects. */
export function cursorsIn(path: string): string[] {
  const search = searchOf(path);
  if (search === '') return [];
  return [...new URLSearchParams(search)].flatMap(([name, id]) =>
    IN_QUERY.has(name.toLowerCase()) && id !== '' ? [id] : [],
  );
}

/** Returns the values of all other parameters: any may name an object too. */
export function othersIn(path: string): string[] {
  const start = path.indexOf('?') + 1;
  const query = path.slice(start);
  // All ids have both.
  if (start === 0 || !/[_-]/.test(query) || !/\d/.test(query)) return [];
  return [...new URLSearchParams(query)].flatMap(([name, value]) =>
    name === 'api-version' || IN_QUERY.has(name.toLowerCase()) ? [] : [value],
  );
}
