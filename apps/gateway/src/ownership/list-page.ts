import { withoutQuery } from '../route/clean-path.ts';
import { type List, type ListItem, readList } from './merge-lists.ts';

/** One page of a list, as a backend answers with it. */
export interface ListPage extends List {
  readonly has_more: boolean;
}

/** Reads the page that an answer says; undefined if it is none. A page without objects ends a list, whatever it says. */
export function readPage(json: unknown): ListPage | undefined {
  const list = readList(json);
  return list && { ...list, has_more: list['has_more'] === true && list.data.length > 0 };
}

/** Returns the id of an object, by which a list can be continued behind it. */
export function idOf({ id }: ListItem): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

/**
 * Returns the part of a page that is behind an object. Some API versions list a collection whole, wherever it is to be
 * continued, and a client would read it for ever.
 */
export function pageBehind(page: ListPage, after: string): ListPage {
  const index = page.data.findIndex((item) => idOf(item) === after);
  if (index === -1) return page;
  const data = page.data.slice(index + 1);
  return { ...page, data, has_more: page.has_more && data.length > 0 };
}

/** Returns when an object was made, in seconds; 0 if it does not say. Claude's API says it as RFC 3339 does. */
export function createdOf({ created_at, created }: ListItem): number {
  const time = created_at ?? created;
  if (typeof time === 'number') return time;
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms / 1000;
}

/** Which page of a list a client asks for. */
export interface PageWanted {
  /** Everything else of the query. */
  readonly query: URLSearchParams;
  readonly limit: number | undefined;
  readonly order: string | undefined;
  /** The object that the page is next to. */
  readonly cursor: string | undefined;
  /** The object that the list ends before; none unless it begins behind another. */
  readonly bound: string | undefined;
  /** Whether the page comes before the cursor. It is then read in the other order, and turned round. */
  readonly isBackward: boolean;
  /** Whether the list is one of Claude's API, which calls cursors otherwise, and has only one order: the newest first. */
  readonly isClaudes: boolean;
}

/** Reads what page a path asks for. */
export function readWanted(path: string): PageWanted {
  const query = new URLSearchParams(path.split(/\?(.*)/s, 2)[1] ?? '');
  const take = (name: string) => {
    const value = query.get(name) ?? undefined;
    query.delete(name);
    return value === '' ? undefined : value;
  };
  const isClaudes = query.has('after_id') || query.has('before_id');
  const [afterId, beforeId] = [take('after_id'), take('before_id')];
  const [after = afterId, before = beforeId, order] = [take('after'), take('before'), take('order')];
  const isBackward = after === undefined && before !== undefined;
  const limit = Number(query.get('limit') ?? Number.NaN);
  return {
    query,
    limit: Number.isInteger(limit) && limit > 0 ? limit : undefined,
    order: isBackward ? opposite(order) : order,
    cursor: after ?? before,
    bound: isBackward ? undefined : before,
    isBackward,
    isClaudes,
  };
}

/** Leaves it to the backends to say where a list ends, or what is wrong with that. */
export function boundByBackends(wanted: PageWanted): PageWanted {
  if (wanted.bound === undefined) return wanted;
  const query = new URLSearchParams(wanted.query);
  query.set(wanted.isClaudes ? 'before_id' : 'before', wanted.bound);
  return { ...wanted, query, bound: undefined };
}

/** Lists begin with the newest unless told. */
function opposite(order: string | undefined): string {
  return order === 'asc' ? 'desc' : 'asc';
}

/** Returns the path of a page behind an object; where the list ends is for the gateway to say. */
export function pathOfPage(
  path: string,
  { query, order, cursor, isBackward, isClaudes }: PageWanted,
  behind: string | undefined,
  limit?: number,
) {
  // As the client wrote it.
  if (cursor === undefined && behind === undefined && limit === undefined) return path;
  const page = new URLSearchParams(query);
  if (limit !== undefined) page.set('limit', String(limit));
  if (order !== undefined && !isClaudes) page.set('order', order);
  if (behind !== undefined) page.set(nameOfCursor(isClaudes, isBackward), behind);
  const pathname = withoutQuery(path);
  return page.size === 0 ? pathname : `${pathname}?${page.toString()}`;
}

function nameOfCursor(isClaudes: boolean, isBackward: boolean): string {
  if (!isClaudes) return 'after';
  return isBackward ? 'before_id' : 'after_id';
}
