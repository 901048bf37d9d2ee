import type { Client } from './client.ts';
import type { HashedCredential } from './hashed-credential.ts';

/** Tells whether a client admitted with a credential would now be refused. */
interface Revocations {
  isRevoked(client: Client, credential: HashedCredential): boolean;
}

/** A session that a client was admitted to. */
interface OpenSession {
  readonly client: Client;
  readonly credential: HashedCredential;
  readonly end: () => void;
}

/** How often to check for keys that have expired. */
const LOOK_EVERY_MS = 20_000;

/**
 * The open sessions of clients: they outlive the check of a credential, but must not outlive the credential for long.
 */
export class OpenSessions {
  readonly #sessions = new Set<OpenSession>();
  #timer: NodeJS.Timeout | undefined;

  /** Checks the sessions regularly. */
  watch(current: () => Revocations): void {
    this.#timer = setInterval(() => this.endRevoked(current()), LOOK_EVERY_MS).unref();
  }

  /** Adds a session. Returns the function to call when it is over. */
  add(session: OpenSession): () => void {
    this.#sessions.add(session);
    return () => void this.#sessions.delete(session);
  }

  /** Ends the sessions of clients that would now be refused. */
  endRevoked(clients: Revocations): void {
    for (const { client, credential, end } of this.#sessions)
      if (clients.isRevoked(client, credential)) end();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
