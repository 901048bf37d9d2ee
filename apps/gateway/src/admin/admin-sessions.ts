import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const COOKIE = 'spillway_admin';
/** Each costs a signature, and a header has room for hundreds. */
const MAX_COOKIES = 4;
const SESSION_MS = 12 * 60 * 60 * 1000;

/**
 * Recognises operators by their token, or by a cookie that the page gets for it. The cookie is signed with the token:
 * it is valid at every replica and after a restart, and worthless once the token changes.
 */
export class AdminSessions {
  /**
   * Browsers keep cookies by host, whatever the port, and a container does not know the port that it is published at.
   * So gateways with different tokens have different cookie names.
   */
  readonly cookieName: string;
  readonly #token: string | undefined;
  readonly #wrongTokens: { note(): void };

  /**
   * @param token undefined if none is required
   * @param wrongTokens notified of each wrong token, but not of wrong cookies, which expire by themselves
   */
  constructor(token: string | undefined, wrongTokens: { note(): void }) {
    this.#token = token;
    this.cookieName =
      token === undefined ? COOKIE : `${COOKIE}_${hmacOf(token, 'cookie').toString('hex', 0, 4)}`;
    this.#wrongTokens = wrongTokens;
  }

  /** Returns whether a request comes from an operator, at `atMs` of the wall clock. */
  isKnown({ headers }: IncomingMessage, atMs: number): boolean {
    if (this.#token === undefined) return true;
    // A proxy that signs people in may send a token of its own beside the cookie.
    if (cookiesOf(headers, this.cookieName).some((cookie) => this.#isSession(cookie, atMs))) return true;
    const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    return bearer !== undefined && this.isToken(bearer);
  }

  isToken(token: string): boolean {
    if (this.#token === undefined || isSame(token, this.#token)) return true;
    this.#wrongTokens.note();
    return false;
  }

  /** Returns the `Set-Cookie` that begins a session. It has no `Path`, so that it works below any prefix of a proxy. */
  begin({ headers }: IncomingMessage, atMs: number): string {
    const expiresMs = atMs + SESSION_MS;
    const secure = isBehindTls(headers) ? '; Secure' : '';
    return `${this.cookieName}=${expiresMs}.${this.#sign(expiresMs)}; Max-Age=${SESSION_MS / 1000}; HttpOnly; SameSite=Lax${secure}`;
  }

  /**
   * Returns the `Set-Cookie` that ends a session; undefined for a client without a cookie, which need not learn its
   * name.
   */
  end({ headers }: IncomingMessage): string | undefined {
    if (cookiesOf(headers, this.cookieName).length === 0) return undefined;
    return `${this.cookieName}=; Max-Age=0; HttpOnly; SameSite=Lax`;
  }

  #isSession(cookie: string, atMs: number): boolean {
    const [, expires, signature] = /^(\d{1,15})\.([\w-]+)$/.exec(cookie) ?? [];
    if (expires === undefined || signature === undefined || Number(expires) <= atMs) return false;
    return isSame(signature, this.#sign(Number(expires)));
  }

  #sign(expiresMs: number): string {
    return hmacOf(this.#token ?? '', `session until ${expiresMs}`).toString('base64url');
  }
}

function hmacOf(token: string, what: string): Buffer {
  return createHmac('sha256', token).update(`spillway admin ${what}`).digest();
}

/** Compares in constant time, whatever the texts are: their hashes have the same length. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Returns the first few of a name: beside the one of a page, there may be one of another path, or of a proxy that has forgotten it. */
function cookiesOf({ cookie = '' }: IncomingMessage['headers'], name: string): string[] {
  const prefix = `${name}=`;
  return cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .slice(0, MAX_COOKIES)
    .map((pair) => pair.slice(prefix.length));
}

/** Each proxy on the way may have added how it was reached; the first is the browser's. */
function isBehindTls({ 'x-forwarded-proto': protocols }: IncomingMessage['headers']): boolean {
  const [first = ''] = String(protocols ?? '').split(',');
  return first.trim().toLowerCase() === 'https';
}
