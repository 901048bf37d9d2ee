import type { ServerResponse } from 'node:http';

/** Something that is under way for a client, and in vain once the client has left. */
export interface Abortable {
  abort(): void;
}

/**
 * Whether the client still waits for its response. An `AbortSignal` would say the same, but costs every request what
 * only those that are abandoned need.
 */
export class ClientPresence {
  /** Whether the client went away before it had its whole response. */
  hasLeft = false;
  /** What to abort if the client leaves. Each step of the request puts itself here. */
  current: Abortable | undefined;
  /** How long its request has waited for quota, in ms. */
  waitedMs = 0;
  /** Since when it waits for quota, other attempts in between included. */
  waitsSinceMs: number | undefined;

  constructor(response: ServerResponse) {
    response.on('close', () => {
      if (!response.writableFinished && !this.hasLeft) {
        this.hasLeft = true;
        this.current?.abort();
      }
      this.current = undefined;
    });
  }
}
