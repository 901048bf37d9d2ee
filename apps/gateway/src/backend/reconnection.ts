import type { BackendPool } from '@spillway/core';
import type { Log } from '../telemetry/log.ts';
import type { AzureBackend } from './azure-backend.ts';

const EVERY_MS = 1000;
/** A connection may take `timeouts.connectMs`, which is no reason to wait with the next one: it may be lost for good. */
const MAX_UNDER_WAY = 5;

/**
 * Tries to connect, every second, to the backends that could not be connected to: that costs nobody anything, and they
 * serve again as soon as it works, however long they have been away.
 */
export class Reconnection {
  readonly #pool: BackendPool<AzureBackend>;
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS).unref();
  /** The backends that cannot be reached, and how many attempts are under way. */
  readonly #away = new Map<AzureBackend, number>();

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
    for (const backend of this.#away.keys()) if (!unconnected.includes(backend)) this.#noteReturn(backend);
  }

  #try(backend: AzureBackend): void {
    const underWay = this.#away.get(backend);
    if (underWay === undefined)
      this.#log.warn(
        { backend: backend.name },
        'backend cannot be reached; connecting is tried every second',
      );
    if (underWay === MAX_UNDER_WAY) return;
    this.#away.set(backend, (underWay ?? 0) + 1);
    backend
      .tryToConnect()
      .then(() => this.#noteReturn(backend))
      .catch(() => this.#noteFailure(backend));
  }

  #noteReturn(backend: AzureBackend): void {
    if (!this.#away.delete(backend)) return;
    this.#pool.noteConnection(backend, this.#nowMs());
    this.#log.info({ backend: backend.name }, 'backend can be reached again');
  }

  #noteFailure(backend: AzureBackend): void {
    const underWay = this.#away.get(backend);
    if (underWay !== undefined) this.#away.set(backend, underWay - 1);
  }
}
