import type { BackendPool } from '@spillway/core';
import type { Log } from '../telemetry/log.ts';
import { type AzureBackend, NoCredentialError } from './azure-backend.ts';

const EVERY_MS = 1000;
const AWAY = 'backend cannot be reached; connecting is tried every second';
const WITHOUT_CREDENTIAL = 'backend has no credential; it serves again once one has been fetched';
/** A connection may take `timeouts.connectMs`, but the next one does not wait for it, as it may be lost for good. */
const MAX_UNDER_WAY = 5;

/** A backend that cannot be reached. */
interface Away {
  /** How many attempts to connect to it are under way. */
  underWay: number;
  /** The line in the log that says so, with the reason. */
  told: string | undefined;
}

/**
 * Tries every second to connect to the unreachable backends. That costs nothing, and they serve again as soon as it
 * works, however long they have been away.
 */
export class Reconnection {
  readonly #pool: BackendPool<AzureBackend>;
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS).unref();
  /** The backends that cannot be reached, by name. */
  readonly #away = new Map<string, Away>();

  constructor(pool: BackendPool<AzureBackend>, log: Log, nowMs: () => number) {
    this.#pool = pool;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#away.clear();
  }

  #look(): void {
    const { unconnected } = this.#pool;
    for (const backend of unconnected) this.#try(backend);
    for (const name of this.#away.keys())
      if (!unconnected.some((backend) => backend.name === name)) this.#noteReturn(name);
  }

  #try(backend: AzureBackend): void {
    const away = this.#away.get(backend.name) ?? { underWay: 0, told: undefined };
    if (away.underWay === MAX_UNDER_WAY) return;
    away.underWay++;
    this.#away.set(backend.name, away);
    backend
      .tryToConnect()
      .then(() => this.#noteReturn(backend.name))
      .catch((error: NodeJS.ErrnoException) => this.#noteFailure(backend.name, error));
  }

  #noteReturn(name: string): void {
    if (!this.#away.delete(name)) return;
    // A new configuration may have removed it.
    if (!this.#pool.backends.some((backend) => backend.name === name)) return;
    this.#pool.noteConnection({ name }, this.#nowMs());
    this.#log.info({ backend: name }, 'backend can be reached again');
  }

  /** A firewall, a proxy and a wrong certificate fail alike for requests; only the error tells which it is. */
  #noteFailure(name: string, error: NodeJS.ErrnoException): void {
    const away = this.#away.get(name);
    if (away === undefined) return;
    away.underWay--;
    const line = error instanceof NoCredentialError ? WITHOUT_CREDENTIAL : AWAY;
    if (away.told === line) return;
    away.told = line;
    const { message, code } = error;
    // Where a name has several addresses, only the code is set.
    const reason = message === '' ? code : message;
    this.#log.warn({ backend: name, reason }, line);
  }
}
