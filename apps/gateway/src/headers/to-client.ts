import { connectionNamed, HeaderFilter, HOP_BY_HOP } from './header-filter.ts';

/** Response headers by lower-case name, as the backend sent them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The headers in which a backend, or a client’s budgets, give what is left of a minute's quota. */
export const RATE_LIMIT_HEADERS = {
  tokens: {
    limit: 'x-ratelimit-limit-tokens',
    remaining: 'x-ratelimit-remaining-tokens',
    reset: 'x-ratelimit-reset-tokens',
  },
  requests: {
    limit: 'x-ratelimit-limit-requests',
    remaining: 'x-ratelimit-remaining-requests',
    reset: 'x-ratelimit-reset-requests',
  },
} as const;

const DROPPED = [
  ...HOP_BY_HOP,
  // Leads clients past the gateway, or to a port of its host where nobody listens (RFC 7838 §2).
  'alt-svc',
  // A Spillway behind this one sends the same headers about itself.
  'x-spillway-backend',
  'x-spillway-attempts',
  'x-spillway-request-id',
  'x-spillway-replay',
  'x-spillway-waited-ms',
  'x-spillway-fallback',
];
const RATE_LIMITS = Object.values(RATE_LIMIT_HEADERS).flatMap((names) => Object.values(names));

const filter = new HeaderFilter(DROPPED);
const filterOfBudgets = new HeaderFilter([...DROPPED, ...RATE_LIMITS]);

/**
 * Returns the headers for a client: the backend's without the hop-by-hop ones, then the gateway's own.
 *
 * @param own alternating names and values, like the result
 * @param hasBudget whether the client has a budget of its own, so that a backend's quota does not concern it
 */
export function headersToClient(
  headers: ResponseHeaders,
  own: readonly string[],
  hasBudget = false,
): string[] {
  const passed = hasBudget ? filterOfBudgets : filter;
  const result: string[] = [];
  const named = connectionNamed(headers['connection']?.toString());
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || passed.pass(name) === '') continue;
    if (named.length > 0 && named.includes(name)) continue;
    if (typeof value === 'string') result.push(name, value);
    else for (const one of value) result.push(name, one);
  }
  result.push(...own);
  return result;
}
