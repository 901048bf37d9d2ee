import { searchOf, withoutQuery } from '../route/clean-path.ts';
import { type List, type ListItem, readList } from './merge-lists.ts';

/** One page of a list, as a backend returns it. */
export interface ListPage extends List {
  readonly has_more: boolean;
}

/** Reads the page in an answer; undefined if there is none. A page without objects ends a list, whatever it says. */
export function readPage(json: unknown): ListPage | undefined {
  const list = readList(json);
  return list && { ...list, has_more: list['has_more'] === true && list.data.length > 0 };
}

/** Returns the id of an object, after which a list can be continued. */
export function idOf({ id }: ListItem): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

/**
 * Returns the part of a page after an object. Some API versions ignore the cursor and return the whole collection, so a
 * client would never reach its end.
 */
export function pageBehind(page: ListPage, after: string): ListPage {
  const index = page.data.findIndex((item) => idOf(item) === after);
  if (index === -1) return page;
  const data = page.data.slice(index + 1);
  return { ...page, data, has_more: page.has_more && data.length > 0 };
}

/** Returns when an object was created, in seconds; 0 if unknown. Claude's API uses RFC 3339. */
export function createdOf({ created_at, created }: ListItem): number {
  const time = created_at ?? created;
  if (typeof time === 'number') return time;
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms / 1000;
}

/** The page of a list that a client requests. */
export interface PageWanted {
  /** The other parameters of the query. */
  readonly query: URLSearchParams;
  readonly limit: number | undefined;
  readonly order: string | undefined;
  /** The object next to the page. */
  readonly cursor: string | undefined;
  /** The object before which the list ends; only present if the list begins after another. */
  readonly bound: string | undefined;
  /** Whether the page comes before the cursor. It is then read in the opposite order, and reversed. */
  readonly isBackward: boolean;
  /**
   * Whether the list belongs to Claude's API, which has other names for cursors, and only one order: the newest first.
   */
  readonly isClaudes: boolean;
}

/** Reads which page a path requests. */
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

/** Returns the path of a list without what selects a page of it: requests for single objects do not have that. */
export function withoutPage(path: string): string {
  const version = new URLSearchParams(searchOf(path)).get('api-version');
  return withoutQuery(path) + (version === null ? '' : `?api-version=${encodeURIComponent(version)}`);
}

/** Leaves it to the backends where a list ends, or what is wrong with that. */
export function boundByBackends(wanted: PageWanted): PageWanted {
  if (wanted.bound === undefined) return wanted;
  const query = new URLSearchParams(wanted.query);
  query.set(wanted.isClaudes ? 'before_id' : 'before', wanted.bound);
  return { ...wanted, query, bound: undefined };
}

/** Lists begin with the newest by default. */
function opposite(order: string | undefined): string {
  return order === 'asc' ? 'desc' : 'asc';
}

/** Returns the path of the page after an object; the gateway itself decides where the list ends. */
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
