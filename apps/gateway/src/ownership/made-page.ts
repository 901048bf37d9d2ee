import type { ListPage, PageWanted } from './list-page.ts';
import { type MergedPage, mergePages, type Source } from './merge-pages.ts';
import { tokenBehind, writeTokens } from './page-tokens.ts';

/** A backend's part of a page, as it answered; undefined if it did not. */
interface Answered {
  readonly name: string;
  readonly page: ListPage | undefined;
  readonly source: Source | undefined;
}

/** Returns the client's page, with the other fields of a backend's. */
export function pageOf(
  parts: readonly Answered[],
  { data, hasMore }: MergedPage,
  { isBackward }: PageWanted,
): ListPage {
  const items = data.map(({ item }) => item);
  if (isBackward) items.reverse();
  const ends = { first_id: items[0]?.['id'] ?? null, last_id: items.at(-1)?.['id'] ?? null };
  return { ...formOf(parts), data: items, ...ends, has_more: hasMore };
}

/** Merges pages of a list with page tokens. Nothing else leads into such a list, so the client gets all that is in them. */
export function mergeByTokens(parts: readonly Answered[], isAscending: boolean) {
  const sources = parts.flatMap(({ source }) => (source ? { ...source, hasMore: false } : []));
  const { data } = mergePages(sources, undefined, isAscending);
  const tokens = parts.flatMap(({ name, page }) => {
    const token = tokenBehind(page);
    return token === undefined ? [] : { name, token };
  });
  const next = { has_more: tokens.length > 0, next_page: writeTokens(tokens) };
  const list = { ...formOf(parts), data: data.map(({ item }) => item), ...next };
  const missing = parts.filter(({ source }) => source === undefined).map(({ name }) => name);
  return { data, list, missing };
}

function formOf(parts: readonly Answered[]): ListPage | undefined {
  return parts.find(({ page }) => page !== undefined)?.page;
}
