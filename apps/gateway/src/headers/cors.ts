import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseHeaders } from './to-client.ts';

/** The configured access of web pages. */
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

  /** Returns the headers for any response to a request. */
  headersFor(origin: string | undefined): Headers {
    if (this.#isOpen) return { ...ANY_ORIGIN, ...EXPOSED };
    if (origin === undefined || !this.#origins.has(origin.toLowerCase())) return BY_ORIGIN;
    const allowed = { ...BY_ORIGIN, ...EXPOSED, 'access-control-allow-origin': origin };
    return this.#config.allowCredentials
      ? { ...allowed, 'access-control-allow-credentials': 'true' }
      : allowed;
  }

  /** Returns the headers for the response to a preflight request, besides those of every response. */
  preflightHeaders({ 'access-control-request-headers': headers }: IncomingHttpHeaders): Headers {
    return {
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      ...(headers === undefined ? undefined : { 'access-control-allow-headers': headers }),
      'access-control-max-age': String(this.#config.maxAgeSeconds),
    };
  }
}

/** Returns whether a request is a preflight: a browser asks before it sends a page's request. */
export function isPreflight(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  const isAsked = headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
  return method === 'OPTIONS' && isAsked;
}

/** Returns the headers of a backend's answer without its CORS headers, which would contradict the gateway's own. */
export function withoutCors(headers: ResponseHeaders): ResponseHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')));
}

const ANY_ORIGIN: Headers = { 'access-control-allow-origin': '*' };
/** Caches must not give one page the headers meant for another. */
const BY_ORIGIN: Headers = { vary: 'Origin' };
/** Not `*`, which only means a header of that name when pages send cookies. */
const EXPOSED: Headers = {
  'access-control-expose-headers': [
    'apim-request-id, azure-openai-deployment-utilization, location, operation-location, retry-after, retry-after-ms',
    'x-ms-region, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests',
    'x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, x-ratelimit-reset-tokens, x-request-id',
    'x-should-retry, x-spillway-attempts, x-spillway-backend, x-spillway-fallback, x-spillway-missing',
    'x-spillway-replay, x-spillway-request-id, x-spillway-waited-ms',
  ].join(', '),
};
