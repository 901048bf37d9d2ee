import type { Dispatcher, Pool } from 'undici';
// Not undici's front door, which also loads fetch and all that belongs to it, and with that needs Node 22.
import UndiciClient from 'undici/lib/dispatcher/client.js';
import UndiciPool from 'undici/lib/dispatcher/pool.js';
import type { Config } from '../config/schema.ts';
import { notingReuse } from './connection-reuse.ts';
import { type ConnectorOptions, createConnector } from './connector.ts';
import { makeHeadersFamiliar } from './familiar-headers.ts';

makeHeadersFamiliar();

/** Longer than undici's 4 s, as a TLS connection is worth keeping; undici checks an idle one before it uses it. */
const IDLE_CONNECTION_MS = 30_000;

/** What all connections to a backend have in common. */
export interface BackendConnections extends Omit<ConnectorOptions, 'timeoutMs'> {
  readonly origin: string;
  readonly timeouts: Pick<Config['timeouts'], 'connectMs' | 'responseIdleMs' | 'connectionMaxAgeMs'>;
  /** Hears why a connection could not be made. */
  readonly onConnectError: (error: NodeJS.ErrnoException) => void;
}

/** What sends requests to a backend. */
export type BackendDispatcher = Pick<Dispatcher, 'dispatch' | 'close' | 'destroy'>;

/**
 * Makes what sends requests to one backend, on connections that are kept for the next request. Once it is closed,
 * connections end with the requests on them, and any that still comes has one of its own.
 */
export function createDispatcher(connections: BackendConnections): BackendDispatcher {
  return new RenewedPool(connections);
}

/**
 * A pool of connections that is replaced by a new one now and then, so that none gets too old. undici's own `clientTtl`
 * asks every connection for its age with every request. A request never waits for a free connection: how many there are
 * is limited by how many requests may be under way.
 */
class RenewedPool implements BackendDispatcher {
  readonly #connections: BackendConnections;
  readonly #timer: NodeJS.Timeout;
  #pool: Pool;
  #isClosed = false;

  constructor(connections: BackendConnections) {
    this.#connections = connections;
    this.#pool = this.#create();
    this.#timer = setInterval(() => this.#renew(), connections.timeouts.connectionMaxAgeMs).unref();
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (!this.#isClosed) return this.#pool.dispatch(options, handler);
    // Its attempt began before, and had to wait for a token, or is led on.
    dispatchAfresh(this.#connections, options, handler);
    return true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#pool.close();
  }

  async destroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#pool.destroy();
  }

  #create(): Pool {
    return new UndiciPool(this.#connections.origin, { ...optionsOf(this.#connections), connections: null });
  }

  /** What is under way on the old ones goes on to its end. */
  #renew(): void {
    if (this.#pool.stats.connected === 0) return;
    this.#pool.close().catch(() => {});
    this.#pool = this.#create();
  }
}

/** Sends one request on a connection of its own, which nothing has been sent on before. */
export function dispatchAfresh(
  connections: BackendConnections,
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
): void {
  const client = new UndiciClient(connections.origin, optionsOf(connections));
  client.dispatch(options, handler);
  // Once the request has ended, however it does; how is for the handler to hear.
  client.close().catch(() => {});
}

function optionsOf({ timeouts, tls, proxy, onConnectError }: BackendConnections) {
  const { responseIdleMs, connectMs } = timeouts;
  const connect = createConnector({ timeoutMs: connectMs, tls, proxy });
  return {
    pipelining: 1,
    allowH2: false,
    connect: notingReuse(connect, onConnectError),
    // Attempts keep their own time until the headers.
    headersTimeout: 0,
    bodyTimeout: responseIdleMs,
    keepAliveTimeout: IDLE_CONNECTION_MS,
  };
}
