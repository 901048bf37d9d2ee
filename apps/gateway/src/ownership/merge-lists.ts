/** An entry of a list, as a backend has it. */
export type ListItem = Readonly<Record<string, unknown>>;

/** Says which backends a merged list lacks. */
export const MISSING_HEADER = 'x-spillway-missing';

/** A list as a backend answers with it. */
export interface List extends ListItem {
  readonly data: readonly ListItem[];
}

/** Reads an answer's list; undefined if it is none. */
export function readList(json: Buffer | undefined): List | undefined {
  if (json === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(json.toString());
    if (!isObject(list) || !Array.isArray(list['data'])) return undefined;
    return { ...list, data: list['data'].filter(isObject) };
  } catch {
    return undefined;
  }
}

/** Merges lists into one, in their order. Of entries with one id the first is kept; an entry without one always is. */
export function mergeLists(lists: readonly (readonly ListItem[])[]): ListItem[] {
  const seen = new Set<unknown>();
  return lists.flat().filter(({ id }) => {
    const isNew = id === undefined || !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

function isObject(value: unknown): value is ListItem {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
