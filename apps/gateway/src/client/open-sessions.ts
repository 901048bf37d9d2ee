import type { Client } from './client.ts';

/** Tells whether a client admitted with a head would now be refused. */
interface Revocations<Head> {
  isRevoked(client: Client, head: Head): boolean;
}

/** A session that a client was admitted to. */
interface OpenSession<Head> {
  readonly client: Client;
  readonly head: Head;
  readonly end: () => void;
}

/** How often to check for keys that have expired. */
const LOOK_EVERY_MS = 20_000;

/**
 * The open sessions of clients: they outlive the check of a credential, but must not outlive the credential for long.
 */
export class OpenSessions<Head> {
  readonly #sessions = new Set<OpenSession<Head>>();
  #timer: NodeJS.Timeout | undefined;

  /** Checks the sessions regularly. */
  watch(current: () => Revocations<Head>): void {
    this.#timer = setInterval(() => this.endRevoked(current()), LOOK_EVERY_MS).unref();
  }

  /** Adds a session. Returns the function to call when it is over. */
  add(session: OpenSession<Head>): () => void {
    this.#sessions.add(session);
    return () => void this.#sessions.delete(session);
  }

  /** Ends the sessions of clients that would now be refused. */
  endRevoked(clients: Revocations<Head>): void {
    for (const { client, head, end } of this.#sessions) if (clients.isRevoked(client, head)) end();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
