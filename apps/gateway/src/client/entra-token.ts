import type { JWTPayload } from 'jose';
import type { Config } from '../config/schema.ts';
import type { RefusalReason } from './authentication-failed.ts';
import type { Client } from './client.ts';
import type { TokenClaims } from './hashed-credential.ts';
import { loadJose } from './load-jose.ts';
import type { SigningKeys, SigningKeyStore } from './signing-keys.ts';

type EntraConfig = NonNullable<Config['auth']['entra']>;

const LEEWAY_S = 60;
const MAX_CACHED = 10_000;
const CACHED_MS = 5 * 60_000;
const MAX_REFUSED = 1000;
const REFUSED_MS = 10_000;
/** Three texts in base64url (RFC 7515, §7.1). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The result of a token's verification, and until when it holds. */
interface Verified<T> {
  readonly value: T;
  readonly untilMs: number;
}

/** The claims of a token, which count only once its signature is verified. */
interface ReadToken {
  readonly keyId: string;
  readonly issuer: string;
  readonly keys: SigningKeys;
}

/** Verifies tokens of Microsoft Entra ID, and remembers the valid ones until they expire, at most for five minutes. */
export class EntraTokens {
  readonly #issuers: ReadonlyMap<string, SigningKeys>;
  readonly #tenants: ReadonlyMap<string, string>;
  readonly #audiences: ReadonlySet<string>;
  readonly #clientOf: (claims: TokenClaims) => Client | undefined;
  readonly #verified = new Map<string, Verified<Client>>();
  readonly #refused = new Map<string, Verified<RefusalReason>>();
  readonly #underWay = new Map<string, Promise<Client | RefusalReason>>();

  /** @param clients each with its configuration */
  constructor(
    { tenants, audiences, authority }: EntraConfig,
    clients: Parameters<typeof createClientFinder>[0],
    store: SigningKeyStore,
  ) {
    const issuers = tenants.flatMap((tenant) =>
      issuersOf(authority, tenant).map((one) => [one, tenant] as const),
    );
    this.#tenants = new Map(issuers);
    this.#issuers = new Map(issuers.map(([issuer, tenant]) => [issuer, store.of(authority, tenant)]));
    this.#audiences = new Set(audiences.map(withoutSlash));
    this.#clientOf = createClientFinder(clients);
  }

  /**
   * Returns the client of a token that was verified a short time ago.
   *
   * @param hash of the token
   * @param nowMs wall-clock milliseconds since the epoch
   */
  recall(hash: string, nowMs: number): Client | RefusalReason | undefined {
    const verified = this.#verified.get(hash);
    if (verified !== undefined && nowMs < verified.untilMs) return verified.value;
    const refused = this.#refused.get(hash);
    return refused !== undefined && nowMs < refused.untilMs ? refused.value : undefined;
  }

  /** Returns the client of a token. Rejects with IssuerUnavailable if that cannot be determined. */
  verify(token: string, hash: string): Promise<Client | RefusalReason> {
    const underWay = this.#underWay.get(hash);
    if (underWay !== undefined) return underWay;
    const started = this.#verify(token, hash).finally(() => this.#underWay.delete(hash));
    this.#underWay.set(hash, started);
    return started;
  }

  /**
   * Returns the client that a previously valid token would now belong to, whatever the time: clients, tenants and
   * audiences may have changed.
   */
  whoseNow(claims: TokenClaims): Client | undefined {
    return this.#isOfTenant(claims) && this.#isForUs(claims.aud) ? this.#clientOf(claims) : undefined;
  }

  #isOfTenant({ iss = '', tid }: TokenClaims): boolean {
    return typeof tid === 'string' && tid.toLowerCase() === this.#tenants.get(iss);
  }

  async #verify(token: string, hash: string): Promise<Client | RefusalReason> {
    const read = JWT.test(token) ? await this.#read(token) : 'malformed';
    if (typeof read === 'string') return read;
    const key = await read.keys.find(read.keyId);
    // The key may arrive in a moment: an unknown key does not prove the token wrong.
    if (key === undefined) return 'token-invalid';
    const { jwtVerify } = await loadJose();
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['RS256'],
        issuer: read.issuer,
        clockTolerance: LEEWAY_S,
        requiredClaims: ['exp', 'aud'],
      });
      return this.#take(payload, hash);
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === 'ERR_JWT_EXPIRED') return 'token-expired';
      if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') this.#refuse(hash, 'token-invalid');
      return 'token-invalid';
    }
  }

  /** A token that is visibly wrong costs no signature check, and no request to an issuer. */
  async #read(token: string): Promise<ReadToken | RefusalReason> {
    const { decodeJwt, decodeProtectedHeader } = await loadJose();
    try {
      const { alg, kid } = decodeProtectedHeader(token);
      const claims = decodeJwt(token);
      const { iss = '', aud, exp } = claims;
      if (alg !== 'RS256' || typeof kid !== 'string') return 'token-invalid';
      const keys = this.#issuers.get(iss);
      if (keys === undefined || !this.#isOfTenant(claims) || !this.#isForUs(aud)) return 'token-foreign';
      if (typeof exp !== 'number' || (exp + LEEWAY_S) * 1000 <= Date.now()) return 'token-expired';
      return { keyId: kid, issuer: iss, keys };
    } catch {
      return 'malformed';
    }
  }

  #isForUs(audience: unknown): boolean {
    const all = Array.isArray(audience) ? audience : [audience];
    return all.some((one) => typeof one === 'string' && this.#audiences.has(withoutSlash(one)));
  }

  #take(payload: JWTPayload, hash: string): Client | RefusalReason {
    const client = this.#clientOf(payload);
    if (client === undefined) {
      this.#refuse(hash, 'unknown');
      return 'unknown';
    }
    const untilMs = Math.min((payload.exp ?? 0) * 1000, Date.now() + CACHED_MS);
    keep(this.#verified, hash, { value: client, untilMs }, MAX_CACHED);
    return client;
  }

  /** In a separate list, so that refused tokens do not evict good ones. */
  #refuse(hash: string, reason: RefusalReason): void {
    keep(this.#refused, hash, { value: reason, untilMs: Date.now() + REFUSED_MS }, MAX_REFUSED);
  }
}

/** Returns what a token says of whose it is. Read without loading the library, as nothing is verified here. */
export function claimsOf(token: string): TokenClaims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { iss, tid, aud, azp, appid, roles } = claims as TokenClaims;
    return { iss, tid, aud, azp, appid, roles };
  } catch {
    return undefined;
  }
}

/** The oldest goes first. */
function keep<T>(cache: Map<string, T>, hash: string, value: T, max: number): void {
  cache.delete(hash);
  cache.set(hash, value);
  if (cache.size <= max) return;
  const [oldest] = cache.keys();
  if (oldest !== undefined) cache.delete(oldest);
}

/**
 * Returns the issuer names in a tenant's tokens: those of version 1 and 2, and those of the authority's own cloud
 * (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
 */
function issuersOf(authority: string, tenant: string): readonly string[] {
  const ofChina = /(?:chinacloudapi|microsoftonline)\.cn$/i.test(new URL(authority).hostname);
  return [
    `https://sts.windows.net/${tenant}/`,
    `https://login.microsoftonline.com/${tenant}/v2.0`,
    `${authority}/${tenant}/`,
    `${authority}/${tenant}/v2.0`,
    ...(ofChina ? [`https://sts.chinacloudapi.cn/${tenant}/`] : []),
  ];
}

/** Of a token that nobody has verified yet, so that its length is looked at once. */
function withoutSlash(audience: string): string {
  let end = audience.length;
  while (audience[end - 1] === '/') end--;
  return audience.slice(0, end);
}

type ClientConfig = NonNullable<Config['clients']>[number];

/**
 * Creates a function that finds the client of a token: by the application that requested it, or else by a role. Names
 * are ignored.
 */
function createClientFinder(clients: readonly (readonly [Client, ClientConfig])[]) {
  const byApplication = new Map<string, Client>();
  const byRole = new Map<string, Client>();
  for (const [client, { entra }] of clients) {
    for (const id of entra?.applications ?? []) byApplication.set(id, client);
    for (const role of entra?.roles ?? []) if (!byRole.has(role)) byRole.set(role, client);
  }
  return ({ azp, appid, roles }: TokenClaims): Client | undefined => {
    const application = azp ?? appid;
    const found = typeof application === 'string' ? byApplication.get(application.toLowerCase()) : undefined;
    if (found !== undefined || !Array.isArray(roles)) return found;
    // In the order of the configuration, not of the token.
    for (const [role, client] of byRole) if (roles.includes(role)) return client;
    return undefined;
  };
}
