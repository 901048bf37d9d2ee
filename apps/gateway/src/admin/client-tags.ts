import type { Client } from '../client/client.ts';

/** Returns the combinations of tags that clients are limited to, each once. */
export function clientTagsOf(clients: Iterable<Pick<Client, 'tags'>>): string[][] {
  const byText = new Map<string, readonly string[]>();
  for (const { tags } of clients) if (tags.length > 0) byText.set(tags.toSorted().join('\n'), tags);
  return [...byText.values()].map((tags) => [...tags]);
}
