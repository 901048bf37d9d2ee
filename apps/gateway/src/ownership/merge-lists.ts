/** An entry of a list, as a backend has it. */
export type ListItem = Readonly<Record<string, unknown>>;

/** Says which backends a merged list lacks. */
export const MISSING_HEADER = 'x-spillway-missing';

/** A list as a backend answers with it. */
export interface List extends ListItem {
  readonly data: readonly ListItem[];
}

/** Reads the list that an answer says; undefined if it is none. */
export function readList(json: unknown): List | undefined {
  if (!isObject(json) || !Array.isArray(json['data'])) return undefined;
  return { ...json, data: json['data'].filter(isObject) };
}

/** Merges lists into one, in their order. Of entries with one key the first is kept; an entry without one always is. */
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

/** Returns whether a value that was read of JSON is an object. */
export function isObject(value: unknown): value is ListItem {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
