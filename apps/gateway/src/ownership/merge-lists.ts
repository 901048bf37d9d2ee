/** An entry of a list, as a backend returns it. */
export type ListItem = Readonly<Record<string, unknown>>;

/** The header with the backends that a merged list lacks. */
export const MISSING_HEADER = 'x-spillway-missing';

/** A list as a backend returns it. */
export interface List extends ListItem {
  readonly data: readonly ListItem[];
}

/** Reads the list in an answer; undefined if there is none. */
export function readList(json: unknown): List | undefined {
  if (!isObject(json) || !Array.isArray(json['data'])) return undefined;
  return { ...json, data: json['data'].filter(isObject) };
}

/**
 * Merges lists into one, in their order. Of entries with the same key the first is kept; an entry without a key always
 * is.
 */
export function mergeLists(
  lists: readonly (readonly ListItem[])[],
  keyOf: (item: ListItem) => unknown = ({ id }) => id,
): ListItem[] {
  const seen = new Set<unknown>();
  return lists.flat().filter((item) => {
    const key = keyOf(item);
    const isNew = key === undefined || !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Returns whether a value read from JSON is an object. */
export function isObject(value: unknown): value is ListItem {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
