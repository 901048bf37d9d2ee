import { searchOf, withoutQuery } from '../route/clean-path.ts';
import type { ListPage } from './list-page.ts';
import { readTexts, writeTexts } from './texts-by-name.ts';

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
  const own = readTexts(token.slice(PREFIX.length), names);
  // The backends refuse a token that names none of them.
  return own.length === 0 ? undefined : own.map(({ name, text }) => ({ name, token: text }));
}

/** Returns one token that carries those of several backends; null if there are none, as at the end of such lists. */
export function writeTokens(tokens: readonly PageToken[]): string | null {
  if (tokens.length === 0) return null;
  return PREFIX + writeTexts(Object.fromEntries(tokens.map(({ name, token }) => [name, token])));
}

/** Returns the path of the page for a backend's own token. */
export function pathWithToken(path: string, token: string): string {
  const query = new URLSearchParams(searchOf(path));
  query.set(PARAMETER, token);
  return `${withoutQuery(path)}?${query.toString()}`;
}
