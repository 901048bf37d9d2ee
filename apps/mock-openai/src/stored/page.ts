import type { ObjectBody } from './stored-object.ts';

/** One page of a list, as answered. */
export interface Page {
  readonly object: 'list';
  readonly data: readonly ObjectBody[];
  readonly first_id: unknown;
  readonly last_id: unknown;
  readonly has_more: boolean;
}

const mostOnAPage = 100;

/**
 * Picks the page of a list, oldest first, that `limit`, `order`, `after` and `before` ask for; by default the newest
 * comes first.
 */
export function pageOf(all: readonly ObjectBody[], query: URLSearchParams, usualLimit: number): Page {
  const ordered = query.get('order') === 'asc' ? all : all.toReversed();
  const from = positionOf(ordered, query.get('after')) ?? -1;
  const to = positionOf(ordered, query.get('before')) ?? ordered.length;
  const rest = ordered.slice(from + 1, to);
  const asked = Number(query.get('limit') ?? usualLimit);
  const isLimit = Number.isInteger(asked) && asked >= 1;
  const limit = isLimit ? Math.min(asked, Math.max(mostOnAPage, usualLimit)) : usualLimit;
  const data = rest.slice(0, limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: rest.length > data.length,
  };
}

function positionOf(all: readonly ObjectBody[], id: string | null): number | undefined {
  const index = id === null ? -1 : all.findIndex((one) => one['id'] === id);
  return index < 0 ? undefined : index;
}
