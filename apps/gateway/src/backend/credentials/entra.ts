import type { AccessToken } from '@azure/identity';
import type { Credential, CredentialHeader } from './credential.ts';

/** Fetches an access token from Microsoft Entra ID; with `isAnew` one that was not fetched before, where possible. */
export type FetchToken = (isAnew?: boolean) => Promise<AccessToken>;

/** Sets a timer, and returns how to clear it. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/**
 * A token is renewed this long before it expires, while the old one still serves; a short-lived one at half its life.
 */
const RENEW_BEFORE_EXPIRY_MS = 5 * 60_000;
/** A token this close to its expiry might have expired on arrival. */
const UNUSABLE_BEFORE_EXPIRY_MS = 10_000;
/**
 * A fetch that takes longer counts as failed, as another backend could serve meanwhile. Its token is still used if it
 * arrives.
 */
const PATIENCE_MS = 5000;
/**
 * The time between attempts to renew, so that an Entra ID outage is not made worse: at first, and while the old token
 * still serves.
 */
const RENEW_RETRY_MS = 10_000;
const MAX_RENEW_RETRY_MS = 60_000;
/** The least time between replacements of refused tokens: the cause may not be the token. */
const REPLACE_AGAIN_AFTER_MS = 5000;
/** The longest time that a timer can be set to. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * A Microsoft Entra ID token, sent as a bearer token. It is fetched once, shared by all requests, and renewed in the
 * background before it expires, by a timer as well as by arriving requests. Only the first requests wait for it.
 */
export class EntraCredential implements Credential {
  readonly #fetchToken: FetchToken;
  readonly #onFailure: (error: Error) => void;
  readonly #now: () => number;
  readonly #patienceMs: number;
  readonly #jitterMs: () => number;
  readonly #startTimer: SetTimer;
  #header: CredentialHeader | undefined;
  #expiresMs = 0;
  #nextFetchMs = 0;
  /** When the next fetch was planned. A clock that is set back since must not delay it for hours. */
  #plannedMs = 0;
  #renewFromMs = 0;
  #failures = 0;
  #latest: Promise<CredentialHeader> | undefined;
  #replacing: Promise<void> | undefined;
  #replaceAgainMs = 0;
  #clearTimer = () => {};
  #isStopped = false;

  /**
   * @param onFailure called for every failed fetch
   * @param now wall-clock milliseconds since the epoch, like the token's expiry
   * @param patienceMs how long a fetch may take
   * @param jitterMs how long each renewal is delayed, so that not all gateways renew at once
   */
  constructor(
    fetchToken: FetchToken,
    onFailure: (error: Error) => void,
    now: () => number = Date.now,
    patienceMs = PATIENCE_MS,
    jitterMs: () => number = () => 0,
    startTimer: SetTimer = startUnrefTimer,
  ) {
    this.#fetchToken = fetchToken;
    this.#onFailure = onFailure;
    this.#now = now;
    this.#patienceMs = patienceMs;
    this.#jitterMs = jitterMs;
    this.#startTimer = startTimer;
  }

  current(): CredentialHeader | undefined {
    if (!this.#isUsable) return undefined;
    // A failed renewal is not this request's: its token still serves.
    if (this.#isDue) this.fetch().catch(() => {});
    return this.#header;
  }

  /** Returns the latest fetch, pending or finished, until it is time for another. */
  fetch(): Promise<CredentialHeader> {
    if (this.#latest === undefined || this.#isDue) {
      this.#noteFetch();
      this.#latest = this.#renew();
    }
    return this.#latest;
  }

  async renew(refused: CredentialHeader): Promise<CredentialHeader | undefined> {
    const [, token] = refused;
    const waitMs = this.#replaceAgainMs - this.#now();
    // It is longer only where the clock has been set back.
    if (token === this.#header?.[1] && (waitMs <= 0 || waitMs > REPLACE_AGAIN_AFTER_MS)) {
      this.#replaceAgainMs = this.#now() + REPLACE_AGAIN_AFTER_MS;
      this.#replacing = this.#fetchAnew().finally(() => (this.#replacing = undefined));
    }
    if (token === this.#header?.[1]) await this.#replacing;
    return this.#isUsable && token !== this.#header?.[1] ? this.#header : undefined;
  }

  /** Fetches at once if the last fetch failed, as there is a new secret. */
  retry(): void {
    if (this.#failures > 0) this.#fetchAnew().catch(() => {});
  }

  stop(): void {
    this.#isStopped = true;
    this.#clearTimer();
  }

  get #isUsable(): boolean {
    return this.#now() < this.#expiresMs - UNUSABLE_BEFORE_EXPIRY_MS;
  }

  get #isDue(): boolean {
    const nowMs = this.#now();
    return nowMs >= this.#nextFetchMs || nowMs < this.#plannedMs;
  }

  /** A fetch begins, which plans the next one at its end. */
  #noteFetch(): void {
    this.#nextFetchMs = Number.POSITIVE_INFINITY;
    this.#plannedMs = Number.NEGATIVE_INFINITY;
  }

  /** Never rejects. */
  async #fetchAnew(): Promise<void> {
    this.#noteFetch();
    this.#latest = this.#renew(true);
    await this.#latest.catch(() => {});
  }

  async #renew(isAnew = false): Promise<CredentialHeader> {
    this.#renewFromMs = 0;
    try {
      const header = await withinMs(
        this.#fetchToken(isAnew).then((token) => this.#take(token)),
        this.#patienceMs,
      );
      this.#failures = 0;
      return header;
    } catch (error) {
      this.#failures++;
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      this.#plannedMs = this.#now();
      this.#nextFetchMs = Math.max(this.#renewFromMs, this.#plannedMs + this.#retryMs);
      this.#setTimer();
    }
  }

  /** Without a token a request waits. With one there is time, though less and less. */
  get #retryMs(): number {
    const leftMs = this.#expiresMs - UNUSABLE_BEFORE_EXPIRY_MS - this.#now();
    const backoffMs = Math.min(RENEW_RETRY_MS * 2 ** Math.max(0, this.#failures - 1), MAX_RENEW_RETRY_MS);
    return Math.max(RENEW_RETRY_MS, Math.min(backoffMs, leftMs / 2));
  }

  #setTimer(): void {
    this.#clearTimer();
    if (this.#isStopped) return;
    const inMs = Math.min(this.#nextFetchMs - this.#now(), MAX_TIMER_MS);
    this.#clearTimer = this.#startTimer(() => this.#renewInTime(), inMs);
  }

  #renewInTime(): void {
    if (this.#isDue) this.fetch().catch(() => {});
    else this.#setTimer();
  }

  #take({ token, expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): CredentialHeader {
    const beforeMs = Math.min(RENEW_BEFORE_EXPIRY_MS, (expiresOnTimestamp - this.#now()) / 2);
    this.#expiresMs = expiresOnTimestamp;
    this.#renewFromMs = (refreshAfterTimestamp ?? expiresOnTimestamp - beforeMs) + this.#jitterMs();
    return (this.#header = ['authorization', `Bearer ${token}`]);
  }
}

function startUnrefTimer(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
}

/** Returns the result of a promise, or rejects if that takes too long. */
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
