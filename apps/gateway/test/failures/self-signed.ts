import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { firstCertificate } from '../testing/certificates.ts';
import type { RowServer } from './failure-row.ts';

/** Starts a server with a self-signed certificate. */
export async function selfSigned(): Promise<RowServer> {
  const server = createServer(firstCertificate, (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
