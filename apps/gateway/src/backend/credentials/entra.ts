import type { AccessToken } from '@azure/identity';
import type { Credential, CredentialHeader } from './credential.ts';

/** Fetches a new access token from Microsoft Entra ID. */
export type FetchToken = () => Promise<AccessToken>;

/** A token is renewed this long before it expires, while the old one still serves. */
const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
/** A token this close to its expiry might be refused on arrival. */
const UNUSABLE_BEFORE_EXPIRY_MS = 10_000;
/** A fetch that takes longer counts as failed, as another backend could serve meanwhile. Its token is still taken if it comes. */
const PATIENCE_MS = 5000;
/** Between attempts to renew, so that an outage of Entra ID is not hammered. */
const RENEW_RETRY_MS = 10_000;

/**
 * A Microsoft Entra ID token, sent as a bearer token. It is fetched once, shared by all requests, and renewed in the
 * background before it expires; no request waits for it but the first ones.
 */
export class EntraCredential implements Credential {
  readonly #fetchToken: FetchToken;
  readonly #onFailure: (error: Error) => void;
  readonly #now: () => number;
  readonly #patienceMs: number;
  #header: CredentialHeader | undefined;
  #expiresMs = 0;
  #nextFetchMs = 0;
  #renewFromMs = 0;
  #latest: Promise<CredentialHeader> | undefined;

  /**
   * @param onFailure told of every fetch that failed
   * @param now wall-clock milliseconds since the epoch, as the token's expiry is
   * @param patienceMs how long a fetch may take
   */
  constructor(
    fetchToken: FetchToken,
    onFailure: (error: Error) => void,
    now: () => number = Date.now,
    patienceMs = PATIENCE_MS,
  ) {
    this.#fetchToken = fetchToken;
    this.#onFailure = onFailure;
    this.#now = now;
    this.#patienceMs = patienceMs;
  }

  current(): CredentialHeader | undefined {
    if (this.#now() >= this.#expiresMs - UNUSABLE_BEFORE_EXPIRY_MS) return undefined;
    // A failed renewal is not this request's: its token still serves.
    if (this.#now() >= this.#nextFetchMs) this.fetch().catch(() => {});
    return this.#header;
  }

  /** Returns the latest fetch, under way or ended, until it is time for another. */
  fetch(): Promise<CredentialHeader> {
    if (this.#latest === undefined || this.#now() >= this.#nextFetchMs) {
      this.#nextFetchMs = Number.POSITIVE_INFINITY;
      this.#latest = this.#renew();
    }
    return this.#latest;
  }

  async #renew(): Promise<CredentialHeader> {
    this.#renewFromMs = 0;
    try {
      return await withinMs(
        this.#fetchToken().then((token) => this.#take(token)),
        this.#patienceMs,
      );
    } catch (error) {
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      this.#nextFetchMs = Math.max(this.#renewFromMs, this.#now() + RENEW_RETRY_MS);
    }
  }

  #take({ token, expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): CredentialHeader {
    this.#expiresMs = expiresOnTimestamp;
    this.#renewFromMs = refreshAfterTimestamp ?? expiresOnTimestamp - RENEW_BEFORE_EXPIRY_MS;
    return (this.#header = ['authorization', `Bearer ${token}`]);
  }
}

/** Returns what a promise comes to, or rejects if that takes too long. */
async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms).unref();
  });
  try {
    return await Promise.race([promise, isLate]);
  } finally {
    clearTimeout(timer);
  }
}
