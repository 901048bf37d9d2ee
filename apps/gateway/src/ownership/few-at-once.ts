const MAX_AT_ONCE = 4;

/** Reads something for each item, for only a few of them at once. Returns the results in the order of the items. */
export async function fewAtOnce<Item, Result>(
  items: readonly Item[],
  read: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  // All readers share one iterator, so each item is read once.
  const rest = items.entries();
  const readOn = async () => {
    for (const [index, item] of rest) results[index] = await read(item, index);
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, readOn));
  return results;
}
