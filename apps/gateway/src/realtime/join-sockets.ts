import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { closeSoon } from '../response/close-soon.ts';
import { SessionWatch } from './session-watch.ts';

/** So much is read ahead of the other side, to see a peer leave although the other does not read. */
const AHEAD_BYTES = 262_144;
/** A client that ends its half waits for nothing any more. A backend's last word may be under way. */
const CLIENT_LINGER_MS = 80;
const BACKEND_LINGER_MS = 1000;

/** How long a session may take, and what must not last too long in it. */
export interface SessionLimits {
  readonly sessionIdleMs: number;
  readonly clientStallMs: number;
  readonly maxResponseMs?: number | undefined;
}

/**
 * Joins a client and a backend: from now on each gets the other's bytes, untouched and no faster than it reads. The end
 * of one half is passed on as such; a connection that breaks takes the other with it. Resolves when both are over.
 */
export async function joinSockets(
  client: Socket,
  backend: Duplex,
  early: Buffer,
  limits: SessionLimits,
): Promise<SessionWatch> {
  const watch = new SessionWatch();
  client.on('data', (chunk: Buffer) => watch.seeFromClient(chunk));
  backend.on('data', (chunk: Buffer) => watch.seeFromBackend(chunk));
  client.once('end', () => watch.end('abandoned')).once('close', () => watch.end('abandoned'));
  backend.once('end', () => watch.end('interrupted')).once('close', () => watch.end('interrupted'));
  const bothClosed = Promise.all([whenClosed(client), whenClosed(backend)]);
  const stopLimits = limit(client, backend as Socket, limits, () => {
    watch.end('interrupted');
    client.destroy();
    backend.destroy();
  });

  if (early.length > 0) {
    watch.seeFromClient(early);
    backend.write(early);
  }
  passOn(client, backend);
  passOn(backend, client);
  client.once('end', () => setTimeout(() => backend.destroy(), CLIENT_LINGER_MS));
  await bothClosed;
  stopLimits();
  return watch;
}

/** Cuts a session off that lasts too long, or in which nothing happens for too long. Answers how to stop that. */
function limit(
  client: Socket,
  backend: Socket,
  { sessionIdleMs, clientStallMs, maxResponseMs }: SessionLimits,
  cutOff: () => void,
): () => void {
  client.setTimeout(sessionIdleMs, cutOff);
  // Whether a client takes what is sent to it is looked at for all connections.
  backend.setTimeout(clientStallMs, () => {
    if (backend.writableLength > 0) cutOff();
  });
  const timer = maxResponseMs === undefined ? undefined : setTimeout(cutOff, maxResponseMs);
  return () => clearTimeout(timer);
}

function passOn(from: Duplex, to: Duplex): void {
  // The connection's close, which follows, tells it.
  from.on('error', () => {});
  from.once('close', () => (from.readableEnded ? closeSoon(to, undefined, BACKEND_LINGER_MS) : to.destroy()));
  from.once('end', () => to.end());
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk) && to.writableLength > AHEAD_BYTES) from.pause();
  });
  to.on('drain', () => from.resume());
  from.resume();
}

/** Not `once` of node:events, which rejects at an error. */
function whenClosed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => void socket.once('close', resolve));
}
