import type { Dispatcher, Pool } from 'undici';
// Not undici's main entry, which also loads fetch with its dependencies, and therefore needs Node 22.
import UndiciClient from 'undici/lib/dispatcher/client.js';
import UndiciPool from 'undici/lib/dispatcher/pool.js';
import type { Config } from '../config/schema.ts';
import { notingReuse } from './connection-reuse.ts';
import { type ConnectorOptions, createConnector } from './connector.ts';
import { makeHeadersFamiliar } from './familiar-headers.ts';
import { passingOverContinue } from './passing-over-continue.ts';

makeHeadersFamiliar();

/** Longer than undici's 4 s, as a TLS connection is worth keeping; undici checks an idle one before it uses it. */
const IDLE_CONNECTION_MS = 30_000;

/** The settings that all connections to a backend share. */
export interface BackendConnections extends Omit<ConnectorOptions, 'timeoutMs'> {
  readonly origin: string;
  readonly timeouts: Pick<Config['timeouts'], 'connectMs' | 'responseIdleMs' | 'connectionMaxAgeMs'>;
  /** Called with the reason when a connection could not be made. */
  readonly onConnectError: (error: NodeJS.ErrnoException) => void;
}

/** The sender of requests to a backend. */
export type BackendDispatcher = Pick<Dispatcher, 'dispatch' | 'close' | 'destroy'>;

/**
 * Creates the sender of requests to one backend, on connections that are kept for the next request. After it is closed,
 * each connection ends with its last request, and any later request gets a connection of its own.
 */
export function createDispatcher(connections: BackendConnections): BackendDispatcher {
  return new RenewedPool(connections);
}

/**
 * A pool of connections that is regularly replaced by a new one, so that no connection gets too old. undici's own
 * `clientTtl` would check every connection's age with every request. A request never waits for a free connection: the
 * number of connections is bounded by the number of requests under way.
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
    // Its attempt began earlier, and had to wait for a token, or follows a redirect.
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

  /** Requests on the old connections run to their end. */
  #renew(): void {
    if (this.#pool.stats.connected === 0) return;
    this.#pool.close().catch(() => {});
    this.#pool = this.#create();
  }
}

/** Sends one request on a new connection of its own. */
export function dispatchAfresh(
  connections: BackendConnections,
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
): void {
  const client = new UndiciClient(connections.origin, optionsOf(connections));
  client.dispatch(options, handler);
  // Closes once the request has ended, in whatever way; the handler learns how.
  client.close().catch(() => {});
}

function optionsOf({ timeouts, tls, proxy, onConnectError }: BackendConnections) {
  const { responseIdleMs, connectMs } = timeouts;
  const connect = createConnector({ timeoutMs: connectMs, tls, proxy });
  return {
    pipelining: 1,
    allowH2: false,
    connect: passingOverContinue(notingReuse(connect, onConnectError)),
    // Attempts have their own timer until the headers.
    headersTimeout: 0,
    bodyTimeout: responseIdleMs,
    keepAliveTimeout: IDLE_CONNECTION_MS,
  };
}
