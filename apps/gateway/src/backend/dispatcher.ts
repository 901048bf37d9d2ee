import type { Pool } from 'undici';
// Not undici's front door, which also loads fetch and all that belongs to it, and with that needs Node 22.
import UndiciPool from 'undici/lib/dispatcher/pool.js';
import type { Config } from '../config/schema.ts';

/** Longer than undici's 4 s, as a TLS connection is worth keeping; undici checks an idle one before it uses it. */
const IDLE_CONNECTION_MS = 30_000;

/** Makes the pool of connections to one backend. There is no limit to them: a request never waits for a free one. */
export function createDispatcher(origin: string, timeouts: Config['timeouts']): Pool {
  return new UndiciPool(origin, {
    connections: null,
    pipelining: 1,
    // One stream that stalls must not hold up others on a shared HTTP/2 connection, nor one reset end them all.
    allowH2: false,
    connect: { timeout: timeouts.connectMs },
    // Attempts keep their own time until the headers. undici makes two timers for every request where these two differ,
    // which costs a fifth of what the gateway adds to it (measured).
    headersTimeout: Math.max(timeouts.responseIdleMs, timeouts.responseHeadersMs),
    bodyTimeout: timeouts.responseIdleMs,
    keepAliveTimeout: IDLE_CONNECTION_MS,
  });
}
