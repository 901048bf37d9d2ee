/** What a backend has sent in a session that it took. */
export interface BackendSession {
  readonly backend: string;
  /** Without a close frame. */
  bytesSent: number;
  /** Whether it has sent all it wanted to, and ended the session in good order. */
  hasEndedWell: boolean;
  hasSentCloseFrame: boolean;
}

/** The sessions that backends took, by marker. */
export class SessionLedger {
  readonly #sessions = new Map<string, BackendSession>();

  open(marker: string, backend: string): BackendSession {
    const session = { backend, bytesSent: 0, hasEndedWell: false, hasSentCloseFrame: false };
    this.#sessions.set(marker, session);
    return session;
  }

  /** Returns the last session of this marker, and forgets it. */
  take(marker: string): BackendSession | undefined {
    const session = this.#sessions.get(marker);
    this.#sessions.delete(marker);
    return session;
  }
}
