import { createConnector } from './connector.ts';
import type { BackendConnections } from './dispatcher.ts';

/** Opens a connection as a request would, and closes it again. */
export function tryToConnect({ origin, timeouts, tls, proxy }: BackendConnections): Promise<void> {
  const connect = createConnector({ timeoutMs: timeouts.connectMs, tls, proxy });
  const { host, hostname, protocol, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    connect({ host, hostname, protocol, port }, (...[error, socket]) => {
      if (error !== null) return reject(error);
      socket.on('error', () => {}).destroy();
      resolve();
    });
  });
}
