import type { ServerResponse } from 'node:http';

/**
 * Whether the client still waits for its response. An `AbortSignal` would say the same, but costs every request what
 * only those that are abandoned need.
 */
export class ClientPresence {
  /** Whether the client went away before it had its whole response. */
  hasLeft = false;
  /** Called once if the client leaves. Each attempt replaces it with its own. */
  onLeave: (() => void) | undefined;

  constructor(response: ServerResponse) {
    response.on('close', () => {
      if (response.writableFinished || this.hasLeft) return;
      this.hasLeft = true;
      this.onLeave?.();
    });
  }
}
