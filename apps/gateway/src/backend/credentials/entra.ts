import type { AccessToken } from '@azure/identity';
import type { Credential, CredentialHeader } from './credential.ts';

/** Fetches a new access token from Microsoft Entra ID. */
export type FetchToken = () => Promise<AccessToken>;

/** A token is renewed this long before it expires, while the old one still serves. */
const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
/** A token this close to its expiry might be refused on arrival. */
const UNUSABLE_BEFORE_EXPIRY_MS = 10_000;
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
  #header: CredentialHeader | undefined;
  #expiresMs = 0;
  #nextFetchMs = 0;
  #latest: Promise<CredentialHeader> | undefined;

  /**
   * @param onFailure told of every fetch that failed
   * @param now wall-clock milliseconds since the epoch, as the token's expiry is
   */
  constructor(fetchToken: FetchToken, onFailure: (error: Error) => void, now: () => number = Date.now) {
    this.#fetchToken = fetchToken;
    this.#onFailure = onFailure;
    this.#now = now;
  }

  current(): CredentialHeader | undefined {
    if (this.#now() >= this.#expiresMs - UNUSABLE_BEFORE_EXPIRY_MS) return undefined;
    // A failed renewal is not this request's: its token still serves.
    if (this.#now() >= this.#nextFetchMs) this.fetch().catch(() => {});
    return this.#header;
  }

  /** Answers the latest fetch, under way or ended, until it is time for another. */
  fetch(): Promise<CredentialHeader> {
    if (this.#latest === undefined || this.#now() >= this.#nextFetchMs) {
      this.#nextFetchMs = Number.POSITIVE_INFINITY;
      this.#latest = this.#renew();
    }
    return this.#latest;
  }

  async #renew(): Promise<CredentialHeader> {
    let renewFromMs = 0;
    try {
      const { token, expiresOnTimestamp, refreshAfterTimestamp } = await this.#fetchToken();
      this.#header = ['authorization', `Bearer ${token}`];
      this.#expiresMs = expiresOnTimestamp;
      renewFromMs = refreshAfterTimestamp ?? expiresOnTimestamp - RENEW_BEFORE_EXPIRY_MS;
      return this.#header;
    } catch (error) {
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      this.#nextFetchMs = Math.max(renewFromMs, this.#now() + RENEW_RETRY_MS);
    }
  }
}
