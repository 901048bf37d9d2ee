import type { BackendPool } from '@spillway/core';
import type { Log } from '../telemetry/log.ts';
import type { AzureBackend } from './azure-backend.ts';

const EVERY_MS = 1000;
/** A connection may take `timeouts.connectMs`, but the next one does not wait for it, as it may be lost for good. */
const MAX_UNDER_WAY = 5;

/**
 * Tries every second to connect to the unreachable backends. That costs nothing, and they serve again as soon as it
 * works, however long they have been away.
 */
export class Reconnection {
  readonly #pool: BackendPool<AzureBackend>;
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS).unref();
  /** The names of the backends that cannot be reached, and how many attempts are under way. */
  readonly #away = new Map<string, number>();

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
    const underWay = this.#away.get(backend.name);
    if (underWay === undefined)
      this.#log.warn(
        { backend: backend.name },
        'backend cannot be reached; connecting is tried every second',
      );
    if (underWay === MAX_UNDER_WAY) return;
    this.#away.set(backend.name, (underWay ?? 0) + 1);
    backend
      .tryToConnect()
      .then(() => this.#noteReturn(backend.name))
      .catch(() => this.#noteFailure(backend.name));
  }

  #noteReturn(name: string): void {
    if (!this.#away.delete(name)) return;
    // A new configuration may have removed it.
    if (!this.#pool.backends.some((backend) => backend.name === name)) return;
    this.#pool.noteConnection({ name }, this.#nowMs());
    this.#log.info({ backend: name }, 'backend can be reached again');
  }

  #noteFailure(name: string): void {
    const underWay = this.#away.get(name);
    if (underWay !== undefined) this.#away.set(name, underWay - 1);
  }
}
