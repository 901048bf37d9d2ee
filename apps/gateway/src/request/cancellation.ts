import type { GatewayError } from '../errors.ts';

/** Something that is under way for a client, and in vain once the client has left. */
export interface Abortable {
  abort(): void;
}

/**
 * Whether the client still waits for its response. An `AbortSignal` would say the same, but costs every request what
 * only those that are abandoned need.
 */
export class Cancellation {
  /** Whether nobody waits any more for what is done: the client went away, or its request was refused meanwhile. */
  hasLeft = false;
  /** Why it was refused although it had begun. */
  refusal: GatewayError | undefined;
  /** What to abort if the client leaves. Each step of the request puts itself here. */
  current: Abortable | undefined;
  /** How long its request has waited for quota, in ms. */
  waitedMs = 0;
  /** Since when it waits for quota, other attempts in between included. */
  waitsSinceMs: number | undefined;

  /** The connection is done with the response, whole or not. */
  end(isWhole: boolean): void {
    if (!isWhole) this.#leave();
    this.current = undefined;
  }

  /** Ends the request with an error that is still to be answered: the client is there, but its request makes no sense. */
  refuse(error: GatewayError): void {
    this.refusal ??= error;
    this.#leave();
  }

  #leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    this.current?.abort();
  }
}
