import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseHeaders } from './to-client.ts';

/** What is said to web pages, as it is configured. */
interface CorsConfig {
  readonly allowedOrigins: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number;
}

type Headers = Readonly<Record<string, string>>;

/** Tells browsers which web pages may read the gateway's answers (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export class Cors {
  readonly #config: CorsConfig;
  readonly #origins: ReadonlySet<string>;
  readonly #isOpen: boolean;

  constructor(config: CorsConfig) {
    this.#config = config;
    this.#origins = new Set(config.allowedOrigins);
    this.#isOpen = this.#origins.has('*');
  }

  /** Returns the headers that belong on the answer to a request, whatever it is. */
  headersFor(origin: string | undefined): Headers {
    if (this.#isOpen) return { ...ANY_ORIGIN, ...EXPOSED };
    if (origin === undefined || !this.#origins.has(origin.toLowerCase())) return BY_ORIGIN;
    const allowed = { ...BY_ORIGIN, ...EXPOSED, 'access-control-allow-origin': origin };
    return this.#config.allowCredentials
      ? { ...allowed, 'access-control-allow-credentials': 'true' }
      : allowed;
  }

  /** Returns the headers that answer a preflight request, beside those of every answer. */
  preflightHeaders({ 'access-control-request-headers': headers }: IncomingHttpHeaders): Headers {
    return {
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      ...(headers === undefined ? undefined : { 'access-control-allow-headers': headers }),
      'access-control-max-age': String(this.#config.maxAgeSeconds),
    };
  }
}

/** Returns whether a browser asks what a page may send, before it sends it. */
export function isPreflight(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  const isAsked = headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
  return method === 'OPTIONS' && isAsked;
}

/** Returns the headers of a backend's answer without what it says to web pages: a second word would be one too many. */
export function withoutCors(headers: ResponseHeaders): ResponseHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')));
}

const ANY_ORIGIN: Headers = { 'access-control-allow-origin': '*' };
/** Caches must not give one page what was said to another. */
const BY_ORIGIN: Headers = { vary: 'Origin' };
/** Not `*`, which means a header of that name where pages send cookies. */
const EXPOSED: Headers = {
  'access-control-expose-headers': [
    'apim-request-id, azure-openai-deployment-utilization, location, operation-location, retry-after, retry-after-ms',
    'x-ms-region, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests',
    'x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, x-ratelimit-reset-tokens, x-request-id',
    'x-should-retry, x-spillway-attempts, x-spillway-backend, x-spillway-missing, x-spillway-request-id',
    'x-spillway-replay, x-spillway-waited-ms',
  ].join(', '),
};
