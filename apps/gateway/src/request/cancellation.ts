import type { GatewayError } from '../errors.ts';

/** An operation for a client, which is pointless once the client has left. */
export interface Abortable {
  abort(): void;
  /** Whether it has a whole answer, which goes out at the end of the turn whatever becomes of the request. */
  readonly isReady?: boolean;
}

/**
 * Whether the client still waits for its response. An `AbortSignal` would do the same, but every request would pay for
 * what only abandoned ones need.
 */
export class Cancellation {
  /** Whether nobody waits for the result any more: the client has left, or its request has been refused meanwhile. */
  hasLeft = false;
  /** Why it was refused although it had begun. */
  refusal: GatewayError | undefined;
  /** The operation to abort if the client leaves. Each step of the request puts itself here. */
  current: Abortable | undefined;
  /** How long its request has waited for quota, in ms. */
  waitedMs = 0;
  /** Since when it has waited for quota, including other attempts in between. */
  waitsSinceMs: number | undefined;

  /** Called when the connection is done with the response, whole or not. */
  end(isWhole: boolean): void {
    if (!isWhole) this.#leave();
    this.current = undefined;
  }

  /** Ends the request with an error that is still to be sent: the client is there, but its request is invalid. */
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
