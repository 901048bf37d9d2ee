import type { WaitingClient } from '@spillway/core';

/** A client that never leaves, and reports when its request begins to wait or is called. */
export class ReplayClient implements WaitingClient {
  readonly hasLeft = false;
  waitedMs = 0;
  waitsSinceMs: number | undefined;
  #current: WaitingClient['current'];
  readonly #noteWaiting: (isWaiting: boolean) => void;

  constructor(noteWaiting: (isWaiting: boolean) => void) {
    this.#noteWaiting = noteWaiting;
  }

  get current(): WaitingClient['current'] {
    return this.#current;
  }

  set current(current: WaitingClient['current']) {
    if ((current === undefined) !== (this.#current === undefined)) this.#noteWaiting(current !== undefined);
    this.#current = current;
  }
}
