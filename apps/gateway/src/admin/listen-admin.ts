import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/schema.ts';
import { createAdminApp } from './admin-app.ts';
import { AdminSessions } from './admin-sessions.ts';
import type { AdminParts } from './admin-parts.ts';
import { limitConnections } from './limit-connections.ts';
import type { WrongTokens } from './wrong-tokens.ts';

const CLOSE_IDLE_EVERY_MS = 20;
const PATIENCE_MS = 1000;
const REQUEST_MS = 30_000;
/** Viewers, metrics collectors, and some to spare. */
const MAX_CONNECTIONS = 256;
/**
 * A client may send requests faster than it reads the responses, and Node answers every request that it has read. Pages
 * of metrics are large.
 */
const MAX_REQUESTS_PER_CONNECTION = 20;

/** The listener for operators. */
export interface AdminServer {
  /** Such as `http://127.0.0.1:8090`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the operators' listener on an address of its own, so that no client can reach it.
 *
 * @throws ConfigError if its address cannot be listened on
 */
export async function listenAdmin(
  { host, port, token, allowedHosts }: Exclude<Config['admin'], false>,
  parts: Omit<AdminParts, 'sessions'> & { readonly wrongTokens: WrongTokens },
): Promise<AdminServer> {
  const app = createAdminApp(
    { ...parts, sessions: new AdminSessions(token, parts.wrongTokens) },
    allowedHosts,
  );
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, app);
  limitConnections(server, MAX_CONNECTIONS);
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const allowed = 'an address of this machine and a port that is free, or admin: false for no listener';
    throw new ConfigError([
      { key: 'ADMIN_HOST and ADMIN_PORT', found: `${host}:${port} (${code})`, allowed },
    ]);
  }
  server.on('error', (error) => parts.log.warn({ reason: error.message }, 'the listener for operators'));
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    async stop() {
      const closed = once(server, 'close');
      parts.live.stop();
      parts.wrongTokens.stop();
      server.close();
      // Streams have ended by now, and nothing else takes long.
      const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
      const cutOff = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
      await closed;
      clearInterval(closeIdle);
      clearTimeout(cutOff);
    },
  };
}
