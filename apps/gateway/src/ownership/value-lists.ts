import { searchOf, withoutQuery } from '../route/clean-path.ts';
import { isObject, type ListItem, mergeLists } from './merge-lists.ts';
import { readTexts, writeTexts } from './texts-by-name.ts';

/** The request for a page of a list at one backend. */
interface Asked {
  readonly name: string;
  readonly path: string;
}

/** A list of a Foundry project in the backends' format: with a link to its next page. */
interface Values {
  readonly list: ListItem;
  /** Backends that were asked for the page but did not answer, or did not say where it continues. */
  readonly missing: readonly string[];
}

/** The parameter that names the backends where a list continues, with their queries. */
const NEXT = 'spillway-next';
const NOWHERE = 'https://backend';

/** Returns whether a path belongs to a list with links, so that a client following them would bypass the gateway. */
export function isOfValues(path: string): boolean {
  return OF_VALUES.test(withoutQuery(path));
}

/** A project has lists of its own, of versions and of runs; those of agents, and of what these use, have no links. */
const OF_VALUES =
  /^\/api\/projects\/[^/]+\/(?!(?:agents|assistants|files|memory_stores|openai|threads|vector_stores)(?:\/|$))(?:[^/]+|(?:[^/]+\/){1,2}(?:runs|versions))$/i;

/** Returns the page that one of the gateway's own links leads to; undefined for any other path. */
export function readNext(path: string, names: readonly string[]): readonly Asked[] | undefined {
  const pathname = withoutQuery(path);
  const next = new URLSearchParams(searchOf(path)).get(NEXT);
  if (next === null) return undefined;
  return readTexts(next, names).map(({ name, text }) => ({ name, path: pathname + text }));
}

/**
 * Merges backends' answers; undefined if none has such a list.
 *
 * @param path the path that the client requested
 * @param linkTo returns the client's URL for a path
 * @param isShown tells whether the client may see an entry
 */
export function mergeValues(
  parts: readonly { readonly name: string; readonly answer: { readonly json: unknown } }[],
  path: string,
  linkTo: (path: string) => string,
  isShown: (item: ListItem) => boolean = () => true,
): Values | undefined {
  const pages = parts.flatMap(({ name, answer: { json } }) => {
    const value = readValue(json);
    return isObject(json) && value !== undefined ? { name, json, value } : [];
  });
  const [first] = pages;
  if (first === undefined) return undefined;
  const known = new Set(pages.map(({ name }) => name));
  const missing = parts.map(({ name }) => name).filter((name) => !known.has(name));
  const queries: Record<string, string> = {};
  for (const { name, json } of pages) {
    const link = json['nextLink'];
    if (typeof link !== 'string' || link === '') continue;
    const query = queryOf(link, path);
    if (query === undefined) missing.push(name);
    else queries[name] = query;
  }
  const value = mergeLists(
    pages.map((page) => page.value),
    ({ id, name }) => id ?? name,
  ).filter(isShown);
  const nextLink = Object.keys(queries).length === 0 ? undefined : linkTo(pathTo(path, queries));
  return { list: { ...first.json, value, nextLink }, missing };
}

function readValue(json: unknown): ListItem[] | undefined {
  return isObject(json) && Array.isArray(json['value']) ? json['value'].filter(isObject) : undefined;
}

/**
 * Only the query of a link is taken, as a backend may have another name for its project. A link to another list cannot
 * be followed.
 */
function queryOf(link: string, path: string): string | undefined {
  if (!URL.canParse(link, NOWHERE)) return undefined;
  const { pathname, search } = new URL(link, NOWHERE);
  return search !== '' && collectionOf(pathname) === collectionOf(withoutQuery(path)) ? search : undefined;
}

function collectionOf(pathname: string): string | undefined {
  return pathname.split('/').at(-1)?.toLowerCase();
}

function pathTo(path: string, queries: Readonly<Record<string, string>>): string {
  const version = new URLSearchParams(searchOf(path)).get('api-version');
  const query = new URLSearchParams(version === null ? {} : { 'api-version': version });
  query.set(NEXT, writeTexts(queries));
  return `${withoutQuery(path)}?${query.toString()}`;
}
