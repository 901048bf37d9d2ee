import { performance } from 'node:perf_hooks';
import type { CryptoKey, JWK } from 'jose';
import { GatewayError } from '../errors.ts';
import { loadJose } from './load-jose.ts';

/** The time between fetches that requests cause, so that made-up keys do not hammer the issuer. */
const COOLDOWN_MS = 5000;
/** Keys are fetched again after this time, in the background. */
const OLD_MS = 60 * 60_000;
const MAX_KEYS = 200;
const MAX_UNKNOWN = 1000;

/** The means to fetch keys. */
export interface KeySource {
  readonly fetchJson: (url: string) => Promise<unknown>;
  /** Called with the reason when keys could not be fetched. */
  readonly onFailure: (tenant: string, error: Error) => void;
  /** A monotonic clock in milliseconds; by default, the process's. */
  readonly nowMs?: () => number;
}

/** The issuer of tokens cannot be asked for a key, so the validity of a token cannot be determined. */
export class IssuerUnavailable extends GatewayError {
  readonly reason = 'issuer-unavailable';

  /** @param waitMs the time until the issuer may be asked again */
  constructor(waitMs: number) {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    const wait = { 'retry-after': String(seconds), 'retry-after-ms': String(seconds * 1000) };
    super('unavailable', 'The key of this token cannot be looked up at the moment.', wait);
  }
}

/**
 * The signing keys of a tenant's tokens. They are fetched at once, and again when a token names an unknown key; all
 * requests share that fetch, and the next is allowed only after some seconds. Old keys stay until new ones arrive. A key
 * is missing only if it was asked for before the last fetch: later it may have been published.
 */
export class SigningKeys {
  readonly #source: KeySource;
  /** Not the wall clock: after it is set back, nothing would be fetched for as long again. */
  readonly #nowMs: () => number;
  readonly #authority: string;
  readonly #tenant: string;
  #keys: ReadonlyMap<string, CryptoKey> = new Map();
  /** The unknown ids that were asked for before the last fetch began, and those since. */
  #sought: ReadonlySet<string> = new Set();
  #unsought = new Set<string>();
  #underWay: Promise<void> | undefined;
  #hasFailed = false;
  #fetchedMs = 0;
  #nextFetchMs = 0;

  constructor(source: KeySource, authority: string, tenant: string) {
    this.#source = source;
    this.#nowMs = source.nowMs ?? (() => performance.now());
    this.#authority = authority;
    this.#tenant = tenant;
    void this.#fetch(0);
  }

  /**
   * Finds a key by its id. Undefined if the tenant has none.
   *
   * @throws IssuerUnavailable if that cannot be determined
   */
  async find(id: string): Promise<CryptoKey | undefined> {
    const nowMs = this.#nowMs();
    const known = this.#keys.get(id);
    if (known !== undefined) {
      if (nowMs - this.#fetchedMs > OLD_MS && this.#mayFetch(nowMs)) void this.#fetch(COOLDOWN_MS);
      return known;
    }
    this.#seek(id);
    // Twice, as the key may have been published after the keys under way were read.
    for (let time = 0; time < 2 && !this.#keys.has(id); time++) {
      if (this.#underWay !== undefined) await this.#underWay;
      else if (this.#mayFetch(this.#nowMs())) await this.#fetch(COOLDOWN_MS);
    }
    const found = this.#keys.get(id);
    if (found === undefined && (this.#hasFailed || !this.#sought.has(id)))
      throw new IssuerUnavailable(this.#nextFetchMs - this.#nowMs());
    return found;
  }

  /** The oldest is forgotten first: it then counts as not looked for, and no more than that. */
  #seek(id: string): void {
    this.#unsought.delete(id);
    this.#unsought.add(id);
    const [oldest] = this.#unsought;
    if (oldest !== undefined && this.#unsought.size > MAX_UNKNOWN) this.#unsought.delete(oldest);
  }

  #mayFetch(nowMs: number): boolean {
    return this.#underWay === undefined && nowMs >= this.#nextFetchMs;
  }

  /** Never rejects. */
  #fetch(cooldownMs: number): Promise<void> {
    this.#sought = this.#unsought;
    this.#unsought = new Set();
    this.#underWay = this.#renew(cooldownMs).finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #renew(cooldownMs: number): Promise<void> {
    try {
      this.#keys = await this.#read();
      this.#hasFailed = false;
      this.#fetchedMs = this.#nowMs();
      this.#nextFetchMs = this.#fetchedMs + cooldownMs;
    } catch (error) {
      this.#hasFailed = true;
      this.#nextFetchMs = this.#nowMs() + COOLDOWN_MS;
      this.#source.onFailure(this.#tenant, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #read(): Promise<ReadonlyMap<string, CryptoKey>> {
    const { fetchJson } = this.#source;
    const set = (await fetchJson(await this.#findUrl())) as { readonly keys?: unknown };
    if (!Array.isArray(set?.keys)) throw new Error('the answer has no list of keys');
    const keys = new Map<string, CryptoKey>();
    for (const key of set.keys.slice(0, MAX_KEYS) as (SigningKey | null)[]) {
      const kid = key?.kid;
      const made = key && typeof kid === 'string' && this.#isUsable(key) ? await importKey(key) : undefined;
      if (kid !== undefined && made) keys.set(kid, made);
    }
    // An empty set of keys could not have signed anything, so something is wrong there.
    if (keys.size === 0) throw new Error('the answer has no key that can be used');
    return keys;
  }

  /** From the tenant's metadata (OpenID Connect Discovery 1.0, §4), or Entra's usual place. */
  async #findUrl(): Promise<string> {
    const base = `${this.#authority}/${this.#tenant}`;
    const usual = `${base}/discovery/v2.0/keys`;
    try {
      const metadata = await this.#source.fetchJson(`${base}/v2.0/.well-known/openid-configuration`);
      const { jwks_uri: url } = metadata as { readonly jwks_uri?: unknown };
      return typeof url === 'string' && /^https?:/.test(url) && URL.canParse(url) ? url : usual;
    } catch {
      return usual;
    }
  }

  /** One set may hold the keys of several tenants. */
  #isUsable({ kty, use = 'sig', alg = 'RS256', issuer }: SigningKey): boolean {
    const isOfTenant =
      typeof issuer !== 'string' ||
      issuer.includes('{tenantid}') ||
      issuer.toLowerCase().includes(this.#tenant);
    return kty === 'RSA' && use === 'sig' && alg === 'RS256' && isOfTenant;
  }
}

type SigningKey = JWK & { readonly issuer?: unknown };

/** Returns undefined for a broken key, which must not invalidate the others. */
async function importKey({ n, e }: SigningKey): Promise<CryptoKey | undefined> {
  if (typeof n !== 'string' || typeof e !== 'string') return undefined;
  const { importJWK } = await loadJose();
  return importJWK({ kty: 'RSA', n, e }, 'RS256').catch(() => undefined) as Promise<CryptoKey | undefined>;
}

/** The keys of all tenants in use. They outlive configurations: a new one may come while an issuer is down. */
export class SigningKeyStore {
  readonly #source: KeySource;
  readonly #tenants = new Map<string, SigningKeys>();

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** Returns the keys of a tenant, and begins to fetch them if they are new. */
  of(authority: string, tenant: string): SigningKeys {
    const name = `${authority} ${tenant}`;
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    const made = new SigningKeys(this.#source, authority, tenant);
    this.#tenants.set(name, made);
    return made;
  }
}
