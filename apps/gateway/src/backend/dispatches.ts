import type { Dispatcher } from 'undici';
import type { AzureBackend } from './azure-backend.ts';
import { isOfUsedConnection } from './connection-reuse.ts';
import { followRedirect } from './redirect.ts';

/** A backend that leads on and on leads nowhere. */
const MAX_REDIRECTS = 3;

/** How an attempt's request goes out: once, and again where its backend leads on or had closed the connection. */
export class Dispatches {
  readonly #handler: Dispatcher.DispatchHandler;
  /** How to send it once more, as long as that can be. */
  #again: { readonly backend: AzureBackend; readonly options: Dispatcher.DispatchOptions } | undefined;
  #isRepeatable = false;
  #redirects = 0;
  /** Where a redirect leads, whose own body is still to pass. */
  #next: Dispatcher.DispatchOptions | undefined;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
  }

  /** Sends the request; `isRepeatable` says whether it may go out twice. */
  begin(backend: AzureBackend, options: Dispatcher.DispatchOptions, isRepeatable: boolean): void {
    // A stream can be sent once only.
    if (options.body === null || Buffer.isBuffer(options.body)) this.#again = { backend, options };
    this.#isRepeatable = isRepeatable;
    backend.dispatcher.dispatch(options, this.#handler);
  }

  /** Returns whether a redirect is followed, once its own body has passed. */
  isFollowing(status: number, location: string | undefined): boolean {
    if (this.#again === undefined || this.#redirects === MAX_REDIRECTS) return false;
    const { backend, options } = this.#again;
    this.#next = followRedirect(status, location, options, backend.origin, this.#isRepeatable);
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
   * Sends the request once more, on a fresh connection, if it broke on a used one: that this was kept for too long says
   * nothing about the backend.
   */
  sendAgain(error: Error): boolean {
    const again = this.#again;
    if (again === undefined || !this.#isRepeatable || !isOfUsedConnection(error)) return false;
    this.forget();
    again.backend.dispatchAfresh(again.options, this.#handler);
    return true;
  }

  /** It will not go out again. */
  forget(): void {
    this.#again = undefined;
    this.#next = undefined;
  }
}
