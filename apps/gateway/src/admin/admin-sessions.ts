import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const COOKIE = 'spillway_admin';
/** Browsers keep cookies by host, whatever the port: each listener of a host needs a name of its own. */
export const cookieName = (port: number | undefined) => (port === undefined ? COOKIE : `${COOKIE}_${port}`);
const SESSION_MS = 12 * 60 * 60 * 1000;

/**
 * Knows operators by their token, or by a cookie that the page gets for it. A cookie is signed with the token: it is good at
 * every replica and after a restart, and worthless once the token is another.
 */
export class AdminSessions {
  readonly #token: string | undefined;
  readonly #wrongTokens: { note(): void };

  /**
   * @param token undefined if none is asked for
   * @param wrongTokens told of each token that is wrong; not of a cookie, as these end by themselves
   */
  constructor(token: string | undefined, wrongTokens: { note(): void }) {
    this.#token = token;
    this.#wrongTokens = wrongTokens;
  }

  /** Returns whether a request comes from an operator, at `atMs` of the wall clock. */
  isKnown({ headers, socket }: IncomingMessage, atMs: number): boolean {
    if (this.#token === undefined) return true;
    const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    return bearer === undefined
      ? this.#isSession(cookieOf(headers, cookieName(socket.localPort)), atMs)
      : this.isToken(bearer);
  }

  isToken(token: string): boolean {
    if (this.#token === undefined || isSame(token, this.#token)) return true;
    this.#wrongTokens.note();
    return false;
  }

  /** Returns the `Set-Cookie` that begins a session; without `Path`, so that it is good below any prefix of a proxy. */
  begin({ headers, socket }: IncomingMessage, atMs: number): string {
    const expiresMs = atMs + SESSION_MS;
    const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
    const name = cookieName(socket.localPort);
    return `${name}=${expiresMs}.${this.#sign(expiresMs)}; Max-Age=${SESSION_MS / 1000}; HttpOnly; SameSite=Lax${secure}`;
  }

  /** Returns the `Set-Cookie` that ends a session. */
  end({ socket }: IncomingMessage): string {
    return `${cookieName(socket.localPort)}=; Max-Age=0; HttpOnly; SameSite=Lax`;
  }

  #isSession(cookie: string, atMs: number): boolean {
    const [, expires, signature] = /^(\d{1,15})\.([\w-]+)$/.exec(cookie) ?? [];
    if (expires === undefined || signature === undefined || Number(expires) <= atMs) return false;
    return isSame(signature, this.#sign(Number(expires)));
  }

  #sign(expiresMs: number): string {
    return createHmac('sha256', this.#token ?? '')
      .update(`spillway admin session until ${expiresMs}`)
      .digest('base64url');
  }
}

/** Compares in the same time whatever the texts are: their hashes are of one length. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hashOf(a), hashOf(b));
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function cookieOf({ cookie = '' }: IncomingMessage['headers'], name: string): string {
  const prefix = `${name}=`;
  const found = cookie.split(';').find((pair) => pair.trim().startsWith(prefix));
  return found?.trim().slice(prefix.length) ?? '';
}
