import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ClientConnection, type ConnectionOptions } from './client-connection.ts';
import { resetConnection } from './break-off.ts';
import { lookEveryMs } from './send-progress.ts';

/**
 * This share more than `limits.connections` is kept, to send those clients the error; any further connections are
 * closed at once.
 */
const REFUSED_SHARE = 0.1;
const PROBE_EVERY_MS = 50;

/** The limits of connections. */
export interface ConnectionLimits {
  readonly connections: number;
  readonly clientStallMs: number;
  /** How long a connection may be without a request, whatever else comes on it. */
  readonly unusedMs: number;
}

/** Returns how many connections are kept, those among them whose requests are refused. */
export function maxConnections(limit: number): number {
  return limit + Math.max(1, Math.floor(limit * REFUSED_SHARE));
}

/** The connections of all clients. */
export class ClientConnections {
  readonly #connections = new Map<Socket, ClientConnection>();
  readonly #limits: ConnectionLimits;
  readonly #options: ConnectionOptions;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(limits: ConnectionLimits, options: ConnectionOptions) {
    this.#limits = limits;
    this.#options = options;
    this.#timers = [
      setInterval(() => this.#look(), lookEveryMs(limits.clientStallMs)).unref(),
      setInterval(() => this.#probe(), PROBE_EVERY_MS).unref(),
    ];
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.size >= this.#limits.connections;
  }

  /** Adds a connection that has just been opened. */
  add(socket: Socket): void {
    if (this.size >= maxConnections(this.#limits.connections)) {
      resetConnection(socket);
      return;
    }
    this.#connections.set(socket, new ClientConnection(socket, this.isFull, this.#options));
    socket.once('close', () => this.#connections.delete(socket));
  }

  of(socket: Socket): ClientConnection | undefined {
    return this.#connections.get(socket);
  }

  closeIdle(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections.values()) connection.closeIfIdle(nowMs);
  }

  /** Closes those that use memory for nothing. */
  closeOld(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections.values()) connection.closeIfOld(nowMs);
  }

  cutOff(): void {
    for (const connection of this.#connections.values()) connection.cutOff();
  }

  /** No more connections will come. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #probe(): void {
    for (const connection of this.#connections.values()) connection.probeIfPaused();
  }

  #look(): void {
    const nowMs = performance.now();
    const { clientStallMs, unusedMs } = this.#limits;
    for (const connection of this.#connections.values()) {
      connection.cutOffIfStalled(nowMs, clientStallMs);
      connection.closeIfOld(nowMs, unusedMs);
    }
  }
}
