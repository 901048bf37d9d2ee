import { searchOf, withoutQuery } from '../route/clean-path.ts';
import type { ListPage } from './list-page.ts';
import { isObject, type ListItem } from './merge-lists.ts';

/*
 * Some lists do not continue after an object, but with a token of the page before, which only its own backend understands.
 * A page of the merged list has those of all backends, and its token carries theirs.
 */

/** The token with which a backend's list continues. */
export interface PageToken {
  readonly name: string;
  readonly token: string;
}

const PARAMETER = 'page';
const PREFIX = 'spillway_';

/** Returns the token of the page after one; undefined if the list has no tokens, or ends there. */
export function tokenBehind(page: ListPage | undefined): string | undefined {
  const token = page?.['next_page'];
  return typeof token === 'string' && token !== '' ? token : undefined;
}

/** Returns whether a list has page tokens. */
export function isByTokens(page: ListPage | undefined): boolean {
  return page !== undefined && page['next_page'] !== undefined;
}

/** Returns the backends' tokens in one of the gateway's own; undefined if a path has none. */
export function readTokens(path: string, names: readonly string[]): readonly PageToken[] | undefined {
  const token = new URLSearchParams(searchOf(path)).get(PARAMETER);
  if (token?.startsWith(PREFIX) !== true) return undefined;
  const tokens = parse(Buffer.from(token.slice(PREFIX.length), 'base64url').toString());
  const own = names.flatMap((name) => {
    const one = tokens[name];
    return typeof one === 'string' ? { name, token: one } : [];
  });
  // The backends refuse a token that names none of them.
  return own.length === 0 ? undefined : own;
}

function parse(json: string): ListItem {
  try {
    const tokens: unknown = JSON.parse(json);
    return isObject(tokens) ? tokens : {};
  } catch {
    return {};
  }
}

/** Returns one token that carries those of several backends; null if there are none, as at the end of such lists. */
export function writeTokens(tokens: readonly PageToken[]): string | null {
  if (tokens.length === 0) return null;
  const byName = Object.fromEntries(tokens.map(({ name, token }) => [name, token]));
  return PREFIX + Buffer.from(JSON.stringify(byName)).toString('base64url');
}

/** Returns the path of the page for a backend's own token. */
export function pathWithToken(path: string, token: string): string {
  const query = new URLSearchParams(searchOf(path));
  query.set(PARAMETER, token);
  return `${withoutQuery(path)}?${query.toString()}`;
}
