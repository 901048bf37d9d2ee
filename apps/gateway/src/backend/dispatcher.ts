import type { Dispatcher, Pool } from 'undici';
// Not undici's front door, which also loads fetch and all that belongs to it, and with that needs Node 22.
import buildConnector from 'undici/lib/core/connect.js';
import UndiciClient from 'undici/lib/dispatcher/client.js';
import UndiciPool from 'undici/lib/dispatcher/pool.js';
import type { Config } from '../config/schema.ts';
import { notingReuse } from './connection-reuse.ts';
import { makeHeadersFamiliar } from './familiar-headers.ts';

makeHeadersFamiliar();

/** Longer than undici's 4 s, as a TLS connection is worth keeping; undici checks an idle one before it uses it. */
const IDLE_CONNECTION_MS = 30_000;

/** The bound of `limits.bodyBytes`. */
const MOST_MEGABYTES = 1024;

/** Makes the pool of connections to one backend. There is no limit to them: a request never waits for a free one. */
export function createDispatcher(origin: string, timeouts: Config['timeouts']): Pool {
  return new UndiciPool(origin, { ...connectionOptions(timeouts), connections: null });
}

/** Sends one request on a connection of its own, which nothing has been sent on before. */
export function dispatchAfresh(
  origin: string,
  timeouts: Config['timeouts'],
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
): void {
  const client = new UndiciClient(origin, connectionOptions(timeouts));
  client.dispatch(options, handler);
  // Once the request has ended, however it does.
  void client.close();
}

function connectionOptions(timeouts: Config['timeouts']) {
  const { overallMs, responseHeadersMs = overallMs, perMegabyteMs, responseIdleMs, connectMs } = timeouts;
  return {
    pipelining: 1,
    // One stream that stalls must not hold up others on a shared HTTP/2 connection, nor one reset end them all.
    allowH2: false,
    connect: notingReuse(buildConnector({ timeout: connectMs, allowH2: false })),
    // Attempts keep their own time until the headers. undici makes two timers for every request where these two differ,
    // which costs a fifth of what the gateway adds to it (measured).
    headersTimeout: Math.max(responseIdleMs, responseHeadersMs + perMegabyteMs * MOST_MEGABYTES),
    bodyTimeout: responseIdleMs,
    keepAliveTimeout: IDLE_CONNECTION_MS,
  };
}
