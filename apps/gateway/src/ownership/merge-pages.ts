import { createdOf, idOf } from './list-page.ts';
import type { ListItem } from './merge-lists.ts';

/** A backend's part of a list after some place. */
export interface Source {
  readonly name: string;
  /** The objects that have been read and not yet given to the client, in the backend's order. */
  readonly items: readonly ListItem[];
  /** Whether it has more after these. */
  readonly hasMore: boolean;
  /** The object before the first of these; undefined at the beginning of its list. */
  readonly after: string | undefined;
}

/** A page of a merged list. */
export interface MergedPage {
  readonly data: readonly { readonly item: ListItem; readonly name: string }[];
  readonly hasMore: boolean;
  /** The last object of each backend that has been given out up to the end of this page. */
  readonly places: ReadonlyMap<string, string | undefined>;
}

/** Lists that begin with the oldest object unless another order is requested. */
const OLDEST_FIRST: ReadonlySet<string> = new Set(['chat/completions', 'evals']);

/**
 * Returns whether lists of these objects begin with the oldest; their creation times show it, where they differ.
 *
 * @param operation that of the list, which has an order by default
 */
export function isAscending(
  order: string | undefined,
  lists: readonly (readonly ListItem[])[],
  operation: string,
): boolean {
  if (order !== undefined) return order === 'asc';
  for (const list of lists) {
    const [first, last] = [list[0], list.at(-1)];
    if (first === undefined || last === undefined || createdOf(first) === createdOf(last)) continue;
    return createdOf(first) < createdOf(last);
  }
  return OLDEST_FIRST.has(operation);
}

/**
 * Merges backends' parts of a list by the creation time of objects, each in its own order; within the same second those
 * of the first backend come first. The page ends where it is full, or where a backend would have to be asked for more.
 */
export function mergePages(
  sources: readonly Source[],
  limit: number | undefined,
  isAscending: boolean,
): MergedPage {
  const heads = sources.map((source) => ({ ...source, next: 0 }));
  const data: MergedPage['data'][number][] = [];
  while (data.length < (limit ?? Number.POSITIVE_INFINITY)) {
    if (heads.some(({ items, next, hasMore }) => next === items.length && hasMore)) break;
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) if (comesBefore(head, first, isAscending)) first = head;
    const item = first?.items[first.next];
    if (first === undefined || item === undefined) break;
    data.push({ item, name: first.name });
    // One resource may be configured twice.
    for (const head of heads) if (head === first || isSame(head.items[head.next], item)) head.next++;
  }
  return {
    data,
    hasMore: heads.some(({ items, next, hasMore }) => next < items.length || hasMore),
    places: new Map(heads.map(({ name, items, next, after }) => [name, lastId(items, next) ?? after])),
  };
}

interface Head {
  readonly items: readonly ListItem[];
  readonly next: number;
}

function comesBefore(head: Head, other: Head | undefined, isAscending: boolean): boolean {
  const item = head.items[head.next];
  if (item === undefined) return false;
  const otherItem = other?.items[other.next];
  if (otherItem === undefined) return true;
  return isAscending ? createdOf(item) < createdOf(otherItem) : createdOf(item) > createdOf(otherItem);
}

function isSame(one: ListItem | undefined, other: ListItem): boolean {
  return one !== undefined && idOf(one) !== undefined && idOf(one) === idOf(other);
}

function lastId(items: readonly ListItem[], next: number): string | undefined {
  const last = items[next - 1];
  return last && idOf(last);
}

/** An object after which a client continues, and the position of its backend among all. */
export interface CursorPlace {
  readonly created: number;
  readonly index: number;
}

/** Returns whether an object of a backend has been given out by the time that the cursor has. */
export function isGivenOut(
  item: ListItem,
  index: number,
  cursor: CursorPlace,
  isAscending: boolean,
): boolean {
  const created = createdOf(item);
  if (created === cursor.created) return index < cursor.index;
  return isAscending ? created < cursor.created : created > cursor.created;
}

/** An object before which a list ends. */
export interface Bound extends CursorPlace {
  readonly id: string;
}

/** Returns the part of a source before the object that ends the list. */
export function cutAt(source: Source, index: number, bound: Bound, isAscending: boolean): Source {
  const end = source.items.findIndex((item) => {
    if (idOf(item) === bound.id) return true;
    const isAlike = index === bound.index && createdOf(item) === bound.created;
    return !isAlike && !isGivenOut(item, index, bound, isAscending);
  });
  return end === -1 ? source : { ...source, items: source.items.slice(0, end), hasMore: false };
}
