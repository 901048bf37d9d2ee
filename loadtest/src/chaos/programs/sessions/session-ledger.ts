/** A backend's side of a session that it accepted. */
export interface BackendSession {
  readonly backend: string;
  /** Without a close frame. */
  bytesSent: number;
  /** Whether it has sent everything it meant to, and ended the session properly. */
  hasEndedWell: boolean;
  hasSentCloseFrame: boolean;
}

/** The sessions that backends accepted, by marker. */
export class SessionLedger {
  readonly #sessions = new Map<string, BackendSession>();

  open(marker: string, backend: string): BackendSession {
    const session = { backend, bytesSent: 0, hasEndedWell: false, hasSentCloseFrame: false };
    this.#sessions.set(marker, session);
    return session;
  }

  /** Returns the last session with this marker, and forgets it. */
  take(marker: string): BackendSession | undefined {
    const session = this.#sessions.get(marker);
    this.#sessions.delete(marker);
    return session;
  }
}
