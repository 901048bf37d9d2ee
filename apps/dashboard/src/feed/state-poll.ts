import { fetchState } from './admin-api.ts';

/** News of the gateway, however they come. */
export interface StateListener {
  onSnapshot(json: string): void;
  /** The gateway cannot be reached for now; it is tried again. */
  onLost(): void;
}

/**
 * A stream begins with a snapshot. If none has come after this long, a proxy on the way may hold back whatever streams, and pass
 * on only answers that end.
 */
const HELD_MS = 3000;
const POLL_MS = 1000;

/** Asks for snapshots one by one, as long as a stream that is open brings none. */
export class StatePoll {
  readonly #base: URL;
  readonly #listener: StateListener;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAnswered = false;

  constructor(base: URL, listener: StateListener) {
    this.#base = base;
    this.#listener = listener;
  }

  /** Whether the newest snapshot came this way. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** A stream has just been opened. */
  start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), this.#isAnswered ? POLL_MS : HELD_MS);
  }

  /** The stream brings snapshots itself, or is closed. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAnswered = false;
  }

  async #ask(): Promise<void> {
    const timer = this.#timer;
    const { status, json } = await fetchState(this.#base);
    // Meanwhile it may have been stopped, or started anew.
    if (timer !== this.#timer) return;
    const wasAnswered = this.#isAnswered;
    this.#isAnswered = status === 200;
    if (this.#isAnswered) this.#listener.onSnapshot(json);
    else if (wasAnswered) this.#listener.onLost();
    this.start();
  }
}
