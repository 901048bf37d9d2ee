import type { Dispatcher } from 'undici';
import { type Attempt, type AttemptResult, isCredentialRefused } from '@spillway/core';
import type { AzureBackend } from './azure-backend.ts';
import { isOfUsedConnection } from './connection-reuse.ts';
import type { CredentialHeader } from './credentials/credential.ts';
import { followRedirect } from './redirect.ts';

/** A backend that redirects again and again leads nowhere. */
const MAX_REDIRECTS = 3;
/** In the middle of a rotation both the old key and the new one may be refused for a moment. */
const MAX_RENEWALS = 3;

/** The limit that the gateway has added to a request, with the name that its deployment takes. */
interface SentLimit {
  bodyAfter(answer: AttemptResult): Buffer | undefined;
  note(result: AttemptResult): void;
}

/**
 * The sendings of an attempt's request: once, and again after a redirect, after a closed connection, with a new key or
 * with the other name of its limit.
 */
export class Dispatches {
  readonly #handler: Dispatcher.DispatchHandler;
  /** The means to send it once more, as long as that is possible. */
  #again: { readonly backend: AzureBackend; readonly options: Dispatcher.DispatchOptions } | undefined;
  #isRepeatable = false;
  /** The backend's own credential as it was sent last. */
  #credential: CredentialHeader | undefined;
  #limit: SentLimit | undefined;
  #renewals = 0;
  #redirects = 0;
  /** The target of a redirect whose own body is still to come. */
  #next: Dispatcher.DispatchOptions | undefined;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
  }

  /**
   * Sends the request.
   *
   * @param isRepeatable whether it may go out twice
   * @param credential the backend's own, if that one is sent
   */
  begin(
    { backend, isBesideSilence }: Attempt<AzureBackend>,
    options: Dispatcher.DispatchOptions,
    isRepeatable: boolean,
    credential: CredentialHeader | undefined,
    limit?: SentLimit,
  ): void {
    // A stream can be sent only once.
    if (options.body === null || Buffer.isBuffer(options.body)) this.#again = { backend, options };
    this.#isRepeatable = isRepeatable;
    this.#credential = credential;
    this.#limit = limit;
    // A firewall or NAT that forgets connections forgets all of them, and says so to nobody.
    if (isBesideSilence) backend.dispatchAfresh(options, this.#handler);
    else backend.dispatcher.dispatch(options, this.#handler);
  }

  /** Returns whether a redirect is followed, once its own body has passed. */
  isFollowing(status: number, location: string | string[] | undefined): boolean {
    if (status < 301 || status > 308) return false;
    if (this.#again === undefined || this.#redirects === MAX_REDIRECTS) return false;
    const { backend, options } = this.#again;
    this.#next = followRedirect(status, location?.toString(), options, backend.origin, this.#isRepeatable);
    return this.#next !== undefined;
  }

  /** Follows the redirect whose body has passed, if there is one. */
  follow(): boolean {
    const again = this.#again;
    const options = this.#next;
    if (options === undefined) return false;
    this.#next = undefined;
    if (again === undefined) return true;
    this.#redirects++;
    this.#again = { ...again, options };
    again.backend.dispatcher.dispatch(options, this.#handler);
    return true;
  }

  /**
   * Sends the request once more, on a fresh connection, if it broke on a used one: a connection that was kept for too
   * long says nothing about the backend.
   */
  sendAgain(error: Error): boolean {
    const again = this.#again;
    if (again === undefined || !this.#isRepeatable || !isOfUsedConnection(error)) return false;
    this.#isRepeatable = false;
    again.backend.dispatchAfresh(again.options, this.#handler);
    return true;
  }

  /**
   * Sends the request once more with something else for what an answer refuses: another credential, as soon as there is
   * one, or the other name of its limit. Resolves with whether it was sent; undefined if that is impossible. A refused
   * request has no effect, so it may always be sent again.
   */
  sendOtherwise(refusal: AttemptResult): Promise<boolean> | undefined {
    return isCredentialRefused(refusal) ? this.#renew() : this.#renameLimit(refusal);
  }

  #renew(): Promise<boolean> | undefined {
    const refused = this.#credential;
    const { credential } = this.#again?.backend ?? {};
    if (refused === undefined || this.#renewals === MAX_RENEWALS) return undefined;
    this.#renewals++;
    return credential
      ?.renew?.(refused)
      .then((header) => header !== undefined && this.#sendWith(header, refused));
  }

  #sendWith(header: CredentialHeader, refused: CredentialHeader): boolean {
    this.#credential = header;
    return this.#sendAs((options) => withCredential(options, header, refused));
  }

  #renameLimit(refusal: AttemptResult): Promise<boolean> | undefined {
    const body = this.#limit?.bodyAfter(refusal);
    return body && Promise.resolve().then(() => this.#sendAs((options) => ({ ...options, body })));
  }

  #sendAs(edit: (options: Dispatcher.DispatchOptions) => Dispatcher.DispatchOptions): boolean {
    const again = this.#again;
    if (again === undefined) return false;
    const options = edit(again.options);
    this.#again = { ...again, options };
    again.backend.dispatcher.dispatch(options, this.#handler);
    return true;
  }

  /** The request has its result, and will not be sent again. */
  end(result: AttemptResult): void {
    this.#limit?.note(result);
    this.#limit = undefined;
    this.#again = undefined;
    this.#next = undefined;
  }
}

/** Replaces a credential, which may be there under two names. */
function withCredential(
  options: Dispatcher.DispatchOptions,
  [, value]: CredentialHeader,
  [, refused]: CredentialHeader,
): Dispatcher.DispatchOptions {
  const headers = options.headers as readonly string[];
  return { ...options, headers: headers.map((text, i) => (i % 2 === 1 && text === refused ? value : text)) };
}
