import { connectionNamed, HeaderFilter, HOP_BY_HOP } from './header-filter.ts';

/** Response headers by lower-case name, as the backend sent them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

const filter = new HeaderFilter([
  ...HOP_BY_HOP,
  // A Spillway behind this one says the same of itself.
  'x-spillway-backend',
  'x-spillway-attempts',
  'x-spillway-request-id',
  'x-spillway-replay',
  'x-spillway-waited-ms',
  'x-spillway-fallback',
]);

/**
 * Returns the headers that a client gets: the backend's less the hop-by-hop ones, then the gateway's own.
 *
 * @param own names and values in turn, as is the answer
 */
export function headersToClient(headers: ResponseHeaders, own: readonly string[]): string[] {
  const result: string[] = [];
  const named = connectionNamed(headers['connection']?.toString());
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || filter.pass(name) === '') continue;
    if (named.length > 0 && named.includes(name)) continue;
    if (typeof value === 'string') result.push(name, value);
    else for (const one of value) result.push(name, one);
  }
  result.push(...own);
  return result;
}

const RATE_LIMIT = /^x-ratelimit-(?:limit|remaining|reset)-(?:tokens|requests)$/;

/** Returns the headers of a backend without what they say of its quota, which is not what is left to the client. */
export function withoutRateLimits(headers: ResponseHeaders): ResponseHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !RATE_LIMIT.test(name)));
}
