import type { Client } from './client.ts';

/** Tells whether a client that was let in with a head would be no more. */
interface Revocations<Head> {
  isRevoked(client: Client, head: Head): boolean;
}

/** A session that a client has been let in for. */
interface OpenSession<Head> {
  readonly client: Client;
  readonly head: Head;
  readonly end: () => void;
}

/** How often keys may have expired since. */
const LOOK_EVERY_MS = 20_000;

/** The sessions that clients have open: they outlive the look at a credential, and must not outlive the credential for long. */
export class OpenSessions<Head> {
  readonly #sessions = new Set<OpenSession<Head>>();
  #timer: NodeJS.Timeout | undefined;

  /** Looks again and again. */
  watch(current: () => Revocations<Head>): void {
    this.#timer = setInterval(() => this.endRevoked(current()), LOOK_EVERY_MS).unref();
  }

  /** Takes note of a session. Returns what to call when it is over. */
  add(session: OpenSession<Head>): () => void {
    this.#sessions.add(session);
    return () => void this.#sessions.delete(session);
  }

  /** Ends the sessions of whoever would not be let in any more. */
  endRevoked(clients: Revocations<Head>): void {
    for (const { client, head, end } of this.#sessions) if (clients.isRevoked(client, head)) end();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
