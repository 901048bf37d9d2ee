/** No reader looks for members in lists that are nested deeper. */
const MAX_DEPTH = 20;

/**
 * Returns the values of a key in parsed JSON, in any letter case; a duplicate key has several. Of lists, those of their
 * items.
 */
export function valuesAt(value: unknown, key: string): unknown[] {
  const items: unknown[] = [value].flat(MAX_DEPTH);
  return items.flatMap((item) => {
    const members = typeof item === 'object' && item !== null ? Object.entries(item) : [];
    return members.flatMap(([name, one]) => (name.toLowerCase() === key ? [one].flat(1) : []));
  });
}
