import type { Duplex } from 'node:stream';
import { closeSoon } from '../response/close-soon.ts';
import { SessionWatch } from './session-watch.ts';

/**
 * Joins a client and a backend: from now on each gets the other's bytes, untouched and no faster than it reads. The end
 * of one half is passed on as such; a connection that breaks takes the other with it. Resolves when both are over.
 */
export async function joinSockets(client: Duplex, backend: Duplex, early: Buffer): Promise<SessionWatch> {
  const watch = new SessionWatch();
  client.on('data', (chunk: Buffer) => watch.seeFromClient(chunk));
  backend.on('data', (chunk: Buffer) => watch.seeFromBackend(chunk));
  client.once('end', () => watch.end('abandoned')).once('close', () => watch.end('abandoned'));
  backend.once('end', () => watch.end('interrupted')).once('close', () => watch.end('interrupted'));
  const bothClosed = Promise.all([whenClosed(client), whenClosed(backend)]);

  if (early.length > 0) {
    watch.seeFromClient(early);
    backend.write(early);
  }
  passOn(client, backend);
  passOn(backend, client);
  await bothClosed;
  return watch;
}

function passOn(from: Duplex, to: Duplex): void {
  // The connection's close, which follows, tells it.
  from.on('error', () => {});
  from.once('close', () => (from.readableEnded ? closeSoon(to) : to.destroy()));
  from.pipe(to);
}

/** Not `once` of node:events, which rejects at an error. */
function whenClosed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => void socket.once('close', resolve));
}
